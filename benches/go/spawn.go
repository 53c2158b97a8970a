// Starting goroutines that run to their end.

package main

import (
	"sync"
	"sync/atomic"
)

const batch = 1000

var spawn = map[string]work{
	"spawn_wait":   {warm: spawnWait},
	"spawn_run_1m": {cold: spawnRun1m},
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
