// Package sync.

package main

import "sync"

var syncing = map[string]work{
	"mutex_uncontended": {warm: mutexUncontended},
}

// counter stands in the heap, as it would if other goroutines knew it.
type counter struct {
	mu    sync.Mutex
	count uint64
}

var shared *counter

func mutexUncontended(n uint64) {
	shared = new(counter)
	c := shared
	for range n {
		c.mu.Lock()
		c.count++
		c.mu.Unlock()
	}
	check(c.count == n, "number of locks")
}
