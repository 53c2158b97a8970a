// Starting goroutines that run to their end.

package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const batch = 1000

var spawn = map[string]work{
	"spawn_wait":   {warm: spawnWait},
	"spawn_run_1m": {cold: spawnRun1m},

	"create_goroutines": {warm: func(n uint64) { chains(1, n) }},
	"create_parallel":   {warm: func(n uint64) { chains(uint64(runtime.GOMAXPROCS(0)), n) }},
	"create_capture":    {warm: createCapture},
	"create_single":     {warm: createSingle},
}

// chain is a chain of n goroutines, each of which starts the next; the last one says so.
func chain(n uint64, done chan struct{}) {
	if n == 0 {
		done <- struct{}{}
		return
	}
	go chain(n-1, done)
}

func chains(count, n uint64) {
	done := make(chan struct{})
	for range count {
		go chain(n/count, done)
	}
	for range count {
		<-done
	}
}

func createCapture(n uint64) {
	for range n {
		var wg sync.WaitGroup
		wg.Add(4)
		for range 4 {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
}

func createSingle(n uint64) {
	var wg sync.WaitGroup
	wg.Add(int(n))
	for range n {
		go func() { wg.Done() }()
	}
	wg.Wait()
}

func spawnWait(n uint64) {
	for left := n; left > 0; {
		now := min(left, batch)
		var wg sync.WaitGroup
		for range now {
			wg.Go(func() {})
		}
		wg.Wait() // the check: it returns only when every one of the batch is done
		left -= now
	}
}

// tally is what the goroutines of spawn_run_1m share.
type tally struct {
	sum, ended atomic.Uint64
	done       chan struct{}
}

func spawnRun1m(n uint64) {
	t := &tally{done: make(chan struct{})}
	for i := range n {
		go func() {
			t.sum.Add(i)
			if t.ended.Add(1) == n {
				close(t.done)
			}
		}()
	}
	_, ok := <-t.done
	check(!ok && t.sum.Load() == n*(n-1)/2, "sum of the goroutines' numbers")
}
