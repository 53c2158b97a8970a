module gaggle-benches

go 1.25
