// Package context.

package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

var contexts = map[string]work{
	"context_common_parent": {warm: contextCommon},
	"context_tree_1":        {warm: func(n uint64) { contextTree(n, 1) }},
	"context_tree_10":       {warm: func(n uint64) { contextTree(n, 10) }},
	"context_tree_100":      {warm: func(n uint64) { contextTree(n, 100) }},
	"context_tree_1000":     {warm: func(n uint64) { contextTree(n, 1000) }},
	"context_done":          {warm: contextDone},
	"context_err":           {warm: contextErr},
	"context_value_10_new":  {warm: func(n uint64) { contextNewGoroutine(n, 10) }},
	"context_value_100_new": {warm: func(n uint64) { contextNewGoroutine(n, 100) }},
	"context_value_10":      {warm: func(n uint64) { contextSameGoroutine(n, 10) }},
	"context_value_100":     {warm: func(n uint64) { contextSameGoroutine(n, 100) }},
	"context_timeout":       {warm: contextTimeout},
}

// number is a key of a type of its own.
type number int64

// onEachP runs body on a goroutine for each P, with its share of n.
func onEachP(n uint64, body func(n uint64)) {
	var wg sync.WaitGroup
	procs := uint64(runtime.GOMAXPROCS(0))
	for range procs {
		wg.Go(func() { body(n / procs) })
	}
	wg.Wait()
}

func contextCommon(n uint64) {
	root := context.WithValue(context.Background(), number(1), int64(7))
	shared, cancel := context.WithCancel(root)
	onEachP(n, func(n uint64) {
		for range n {
			ctx, cancel := context.WithCancel(shared)
			check(ctx.Value(number(1)).(int64) == 7, "value of the parent")
			cancel()
		}
	})
	check(shared.Err() == nil, "the parent lives")
	cancel()
}

func contextTree(n, depth uint64) {
	for range n / depth {
		root, cancel := context.WithCancel(context.Background())
		leaf := root
		for range depth {
			var cancel context.CancelFunc
			leaf, cancel = context.WithCancel(leaf)
			_ = cancel // the root's is enough
		}
		cancel()
		check(leaf.Err() != nil, "the leaf has ended")
	}
}

// asked stands in the heap, as it would if other goroutines knew it.
var asked context.Context

func contextDone(n uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	asked = ctx
	onEachP(n, func(n uint64) {
		for range n {
			select {
			case <-asked.Done():
				panic("not cancelled")
			default:
			}
		}
	})
	cancel()
	<-ctx.Done()
}

func contextErr(n uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	asked = ctx
	for range n {
		check(asked.Err() == nil, "it lives")
	}
	cancel()
}

func contextChain(depth int64) context.Context {
	ctx := context.Background()
	for n := range depth {
		ctx = context.WithValue(ctx, number(n), n)
	}
	return ctx
}

func contextNewGoroutine(n uint64, depth int64) {
	ctx := contextChain(depth)
	for range n {
		var wg sync.WaitGroup
		wg.Go(func() { check(ctx.Value(number(-1)) == nil, "no such value") })
		wg.Wait()
	}
}

func contextSameGoroutine(n uint64, depth int64) {
	asked = contextChain(depth)
	for range n {
		check(asked.Value(number(-1)) == nil, "no such value")
	}
}

func contextTimeout(n uint64) {
	for range n {
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		cancel()
		check(ctx.Err() == context.Canceled, "it was cancelled")
	}
}
