package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// One work among more and more goroutines.
var growth = map[string]work{
	"hop_among_10":     {own: func(n uint64) figures { return hop(n, 10) }},
	"hop_among_1k":     {own: func(n uint64) figures { return hop(n, 1_000) }},
	"hop_among_100k":   {own: func(n uint64) figures { return hop(n, 100_000) }},
	"hop_among_1m":     {own: func(n uint64) figures { return hop(n, 1_000_000) }},
	"yield_among_10":   {own: func(n uint64) figures { return yieldAmong(n, 10) }},
	"yield_among_1k":   {own: func(n uint64) figures { return yieldAmong(n, 1_000) }},
	"yield_among_100k": {own: func(n uint64) figures { return yieldAmong(n, 100_000) }},
	"yield_among_1m":   {own: func(n uint64) figures { return yieldAmong(n, 1_000_000) }},
}

// hop: n hops in a ring of no more goroutines than operations; all wait on their channels before the first.
func hop(n, most uint64) figures {
	var waiting, all sync.WaitGroup
	first, finish := make(chan uint64), make(chan struct{})
	last := min(n, most)
	from := first
	for member := uint64(1); member <= last; member++ {
		to := first
		if member < last {
			to = make(chan uint64)
		}
		input := from
		from = to
		waiting.Add(1)
		all.Go(func() {
			waiting.Done()
			for hops := range input {
				if hops == 0 {
					finish <- struct{}{}
				} else {
					to <- hops - 1
				}
			}
			if to != first {
				close(to) // so the next one ends too
			}
		})
	}
	waiting.Wait()
	m := startMeter()
	first <- n
	<-finish
	f := m.per(n, "op", nil)
	close(first)
	all.Wait()
	return f
}

// yieldAmong: n yields, the same number of each goroutine.
func yieldAmong(n, most uint64) figures {
	members := min(n, most)
	each := n / members
	var count atomic.Uint64
	var all sync.WaitGroup
	gate := make(chan struct{})
	for range members {
		all.Go(func() {
			<-gate
			for range each {
				runtime.Gosched()
			}
			count.Add(each)
		})
	}
	runtime.Gosched()
	m := startMeter()
	close(gate)
	all.Wait()
	f := m.per(each*members, "op", nil)
	check(count.Load() == each*members, "yields counted")
	return f
}
