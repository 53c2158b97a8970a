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

// amongOf is as many goroutines as n operations are enough for: four turns of each at least.
func amongOf(n, most uint64) uint64 {
	return max(min(n/4, most), 2)
}

// hop: n hops in a ring, and a lap before them that is not measured.
func hop(n, most uint64) figures {
	var all sync.WaitGroup
	first, finish := make(chan uint64), make(chan struct{})
	last := amongOf(n, most)
	from := first
	for member := uint64(1); member <= last; member++ {
		to := first
		if member < last {
			to = make(chan uint64)
		}
		input := from
		from = to
		all.Go(func() {
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
	first <- last
	<-finish
	m := startMeter()
	first <- n
	<-finish
	f := m.per(n, "op", nil)
	close(first)
	all.Wait()
	return f
}

// yieldAmong: n yields, the same number of each goroutine; all have made one, and wait, before the first of them.
func yieldAmong(n, most uint64) figures {
	members := amongOf(n, most)
	each := n / members
	var count atomic.Uint64
	var begun, all sync.WaitGroup
	begun.Add(int(members))
	gate := make(chan struct{})
	for range members {
		all.Go(func() {
			runtime.Gosched()
			begun.Done()
			<-gate
			for range each {
				runtime.Gosched()
			}
			count.Add(each)
		})
	}
	begun.Wait()
	m := startMeter()
	close(gate)
	all.Wait()
	f := m.per(each*members, "op", nil)
	check(count.Load() == each*members, "yields counted")
	return f
}
