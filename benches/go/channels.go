// Values through one channel.

package main

import "sync"

var channels = map[string]work{
	"oneway_cap0":         {warm: func(n uint64) { oneway(n, 0) }},
	"oneway_cap128":       {warm: func(n uint64) { oneway(n, 128) }},
	"uncontended_cap128":  {warm: uncontended},
	"prodcons_4x4_cap128": {warm: prodcons4x4},
}

func oneway(n uint64, capacity int) {
	values := make(chan uint64, capacity)
	go func() {
		for i := range n {
			values <- i
		}
		close(values)
	}()
	sum := uint64(0)
	for value := range values {
		sum += value
	}
	check(sum == n*(n-1)/2, "sum of the values")
}

func uncontended(n uint64) {
	values := make(chan uint64, 128)
	sum := uint64(0)
	for i := range n {
		values <- i
		sum += <-values
	}
	check(sum == n*(n-1)/2, "sum of the values")
}

func prodcons4x4(n uint64) {
	const sides = 4
	values, sums := make(chan uint64, 128), make(chan uint64)
	var producers sync.WaitGroup
	for producer := range uint64(sides) {
		producers.Go(func() {
			for i := producer; i < n; i += sides {
				values <- i
			}
		})
	}
	for range sides {
		go func() {
			sum := uint64(0)
			for value := range values {
				sum += value
			}
			sums <- sum
		}()
	}
	producers.Wait()
	close(values)
	sum := uint64(0)
	for range sides {
		sum += <-sums
	}
	check(sum == n*(n-1)/2, "sum of the values")
}
