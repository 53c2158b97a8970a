//! A test in a process of its own where nobody is preempted.

/// Runs `body`, which is the test `name`, in a process of its own where nobody is preempted: who computes keeps its P.
#[track_caller]
pub(crate) fn without_preemption(name: &str, body: fn()) {
    const SETTING: &str = "preempt=off";
    if std::env::var("GAGGLE_DEBUG").as_deref() == Ok(SETTING) {
        return body();
    }
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let output = again.args([name, "--exact"]).env("GAGGLE_DEBUG", SETTING).output().unwrap();
    let [text, errors] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    assert!(output.status.success() && text.contains("1 passed"), "{text}\n{errors}");
}
