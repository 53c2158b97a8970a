// What it costs to look at many goroutines that wait.

package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"time"
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
	time.Sleep(50 * time.Millisecond) // who has said that it is there waits soon after
}

func write(name string, debug int) []byte {
	var out bytes.Buffer
	profile := pprof.Lookup(name)
	if profile == nil {
		panic("no profile " + name)
	}
	if err := profile.WriteTo(&out, debug); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// dump makes the text once: pprof's own way to it begins with a megabyte, and makes it anew for each doubling.
func dump(n uint64) figures {
	park(n)
	m := startMeter()
	text := make([]byte, 64<<20)
	text = text[:runtime.Stack(text, true)]
	f := m.per(1, "dump", nil)
	check(uint64(bytes.Count(text, []byte("\n\ngoroutine "))) >= n, "every goroutine")
	return f
}

func profile(n uint64) figures {
	park(n)
	m := startMeter()
	file := write("goroutine", 0)
	f := m.per(1, "profile", nil)
	check(len(file) > 0, "a profile")
	return f
}

// leakReport shows one stack and how many goroutines have it: Go's report names none of them.
func leakReport(n uint64) figures {
	park(n)
	m := startMeter()
	text := write("goroutineleak", 1)
	f := m.per(1, "report", nil)
	var found uint64
	_, err := fmt.Fscanf(bytes.NewReader(text), "goroutineleak profile: total %d", &found)
	check(err == nil && found >= n-n/10, "every leak")
	return f
}
