// What many goroutines cost while they wait.

package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var memory = map[string]work{
	"parked_1m": {own: parked},
	"parked_4m": {own: parked},
	"idle":      {own: idle},

	"stack_used_200":  {own: used[[200]byte]},
	"stack_used_1500": {own: used[[1500]byte]},
	"stack_used_3000": {own: used[[3000]byte]},
	"stack_used_8000": {own: used[[8000]byte]},
}

// seconds of doing nothing.
const seconds = 5

func idle(n uint64) figures {
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { <-gate })
	}
	time.Sleep(time.Second) // whatever goes to sleep late is asleep then
	m := startMeter()
	time.Sleep(seconds * time.Second)
	f := figures(nil).add("cpu_of_a_second", "ns", float64((cpu()-m.cpu).Nanoseconds())/seconds)
	close(gate)
	wg.Wait()
	return f
}

// gate is where the goroutines wait, how many have come there, and how many have left.
type gate struct {
	open           chan struct{}
	arrived, woken atomic.Uint64
}

func parked(n uint64) figures {
	g := &gate{open: make(chan struct{})}
	var wg sync.WaitGroup
	before, mapped := resident(), mappings()
	m := startMeter()
	for range n {
		wg.Go(func() {
			g.arrived.Add(1)
			_, ok := <-g.open
			check(!ok, "the gate is closed, not sent to")
			g.woken.Add(1)
		})
	}
	// With more than one P the very last may still be on its way from its count into its park.
	for g.arrived.Load() < n {
		runtime.Gosched()
	}
	f := m.per(n, "create", nil)
	f = f.add("resident", "B", float64(resident()-before)/float64(n))
	f = f.add("mappings", "count", float64(mappings()))
	f = f.add("mappings_added", "count", float64(max(mappings()-mapped, 0)))
	m = startMeter()
	close(g.open)
	wg.Wait()
	f = m.per(n, "wake", f)
	check(g.woken.Load() == n, "number of the woken")
	return f
}

// resident is the bytes of this process in memory, page tables included.
func resident() uint64 {
	status := read("/proc/self/status")
	return (kib(status, "VmRSS:") + kib(status, "VmPTE:")) * 1024
}

func mappings() int {
	return bytes.Count(read("/proc/self/maps"), []byte("\n"))
}

func kib(status []byte, key string) (number uint64) {
	_, rest, ok := bytes.Cut(status, []byte("\n"+key))
	check(ok, "the kernel tells the size")
	_, err := fmt.Sscan(string(rest), &number)
	check(err == nil, "the size is a number")
	return number
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return text
}

// A frame is so many bytes of a stack.
type frame interface {
	[200]byte | [1500]byte | [3000]byte | [8000]byte
}

// used: n goroutines with so many bytes in use below them, parked.
func used[F frame](n uint64) figures {
	var arrived atomic.Uint64
	var all sync.WaitGroup
	gate := make(chan struct{})
	before := resident()
	for range n {
		all.Go(func() { waitBelow[F](gate, &arrived) })
	}
	for arrived.Load() < n {
		runtime.Gosched()
	}
	bytes := float64(max(resident(), before)-before) / float64(n)
	close(gate)
	all.Wait()
	return figures(nil).add("resident", "B", bytes)
}

//go:noinline
func waitBelow[F frame](gate chan struct{}, arrived *atomic.Uint64) {
	var frame F
	for i := range len(frame) {
		frame[i] = 1
	}
	arrived.Add(1)
	<-gate
	check(frame[len(frame)-1] == 1, "the frame")
}
