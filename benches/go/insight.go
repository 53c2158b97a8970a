// What it costs to look at many goroutines that wait.

package main

import (
	"bytes"
	"runtime"
	"runtime/pprof"
)

var insight = map[string]work{
	"dump_100k":    {own: dump},
	"profile_100k": {own: profile},
	"leaks_100k":   {own: leakReport},
}

// park starts n goroutines that nobody can wake.
func park(n uint64) {
	arrived := make(chan struct{}, 1024)
	for range n {
		never := make(chan struct{})
		go func() {
			arrived <- struct{}{}
			<-never
		}()
	}
	for range n {
		<-arrived
	}
	runtime.Gosched()
}

func write(name string, debug int) int {
	var out bytes.Buffer
	profile := pprof.Lookup(name)
	if profile == nil {
		return 0
	}
	if err := profile.WriteTo(&out, debug); err != nil {
		panic(err)
	}
	return out.Len()
}

func dump(n uint64) figures {
	park(n)
	m := startMeter()
	write("goroutine", 2)
	return m.per(1, "dump", nil)
}

func profile(n uint64) figures {
	park(n)
	m := startMeter()
	write("goroutine", 0)
	return m.per(1, "profile", nil)
}

func leakReport(n uint64) figures {
	park(n)
	m := startMeter()
	write("goroutineleak", 2)
	return m.per(1, "report", nil)
}
