//! The names of Go's programs (SEMANTICS Z6), with how many of them race: each has its own here, and none is lost.

/// A file of Go's, how many of its programs race, how many do not, and their names without what comes before them.
type File = (&'static str, usize, usize, &'static str, &'static str);

/// Names that begin with `TestRace`, then those that begin with `TestNoRace`.
const FILES: [File; 10] = [
    (
        "atomic",
        5,
        14,
        "AtomicAddInt64 AtomicStoreLoad AtomicLoadStore AtomicAddLoad AtomicAddStore",
        "AtomicAddInt64 AtomicAddInt32 AtomicLoadAddInt32 AtomicLoadStoreInt32 AtomicStoreCASInt32 \
         AtomicCASLoadInt32 AtomicCASCASInt32 AtomicCASCASInt32_2 AtomicLoadInt64 AtomicCASCASUInt64 \
         AtomicLoadStorePointer AtomicStoreCASUint64 AtomicCrash DeferAtomicStore",
    ),
    (
        "chan",
        23,
        22,
        "ChanAsyncRev ChanSyncCloseSend ChanAsyncCloseSend ChanCloseClose ChanSendLen ChanRecvLen \
         ChanSendSend ChanWrongSend ChanWrongClose ChanSendClose ChanSendSelectClose SelectReadWriteAsync \
         SelectReadWriteSync ChanReadWriteAsync ChanReadWriteSync ChanItselfSend ChanItselfRecv ChanItselfNil \
         ChanItselfClose ChanItselfLen ChanItselfCap ChanCloseSend ChanSem",
        "ChanSync ChanSyncRev ChanAsync ChanAsyncCloseRecv ChanAsyncCloseRecv2 ChanAsyncCloseRecv3 \
         ChanSyncCloseRecv ChanSyncCloseRecv2 ChanSyncCloseRecv3 ChanPtr SelectReadWriteAsync \
         ChanReadWriteAsync ProducerConsumerUnbuffered ChanCloseLen ChanCloseCap ChanMutex SelectMutex \
         ChanWaitGroup BlockedSendSync BlockedSelectSendSync CloseHappensBeforeRead ElemSize0",
    ),
    (
        "mutex",
        3,
        4,
        "Mutex Mutex2 MutexOverwrite",
        "Mutex MutexPureHappensBefore MutexSemaphore MutexExampleFromHtml",
    ),
    ("pool", 1, 1, "Pool", "Pool"),
    (
        "rwmutex",
        2,
        3,
        "MutexRWMutex RWMutexMultipleReaders",
        "RWMutex RWMutexMultipleReaders RWMutexTransitive",
    ),
    (
        "select",
        5,
        5,
        "Select1 Select2 Select3 Select4 Select5",
        "Select1 Select2 Select3 Select4 Select5",
    ),
    (
        "sync",
        4,
        5,
        "Cond AnnounceThreads AfterFunc3 GoroutineCreationStack",
        "Cond AfterFunc1 AfterFunc2 AfterFunc3 NilMutexCrash",
    ),
    (
        "synctest",
        5,
        1,
        "SynctestGoroutinesExit SynctestGoroutinesRecv SynctestGoroutinesUnblocked SynctestGoroutinesSleep \
         SynctestTimers",
        "SynctestGoroutinesExit",
    ),
    ("time", 0, 6, "", "AfterFunc AfterFuncReset Timer TimerReset Ticker TickerReset"),
    (
        "waitgroup",
        6,
        11,
        "WaitGroup WaitGroupAsMutex WaitGroupWrongWait WaitGroupWrongAdd WaitGroup2 WaitGroupReuse",
        "WaitGroup WaitGroup2 WaitGroupMultipleWait WaitGroupMultipleWait2 WaitGroupMultipleWait3 \
         WaitGroupPanicRecover WaitGroupPanicRecover2 WaitGroupTransitive WaitGroupReuse WaitGroupReuse2 \
         WaitGroupConcurrentAdd",
    ),
];

/// What is missing of Go's programs, or counted wrongly; empty if nothing is.
pub(crate) fn missing(has: impl Fn(&str) -> bool) -> Vec<String> {
    let mut missing = Vec::new();
    for (file, racy, free, racy_names, free_names) in FILES {
        for (start, count, names) in
            [("TestRace", racy, racy_names), ("TestNoRace", free, free_names)]
        {
            let names: Vec<&str> = names.split_whitespace().collect();
            if names.len() != count {
                missing.push(format!("{file}: {} of {count} {start}", names.len()));
            }
            let full = names.iter().map(|name| format!("{start}{name}"));
            missing.extend(full.filter(|name| !has(name)).map(|name| format!("{file}: {name}")));
        }
    }
    missing
}
