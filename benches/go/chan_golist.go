// What Go's own benchmarks of channels and select do, with the work of their twins.

package main

import (
	"runtime"
	"sync"
)

var golist = map[string]work{
	"ChanSync":             {warm: chanSync},
	"ChanProdCons0":        {warm: func(n uint64) { prodCons(n, 0) }},
	"ChanProdCons10":       {warm: func(n uint64) { prodCons(n, 10) }},
	"ChanProdCons100":      {warm: func(n uint64) { prodCons(n, 100) }},
	"ChanUncontended":      {warm: chanUncontended},
	"ChanContended":        {warm: chanContended},
	"SelectUncontended":    {warm: selectUncontended},
	"SelectSyncContended":  {warm: selectSyncContended},
	"SelectAsyncContended": {warm: selectAsyncContended},
	"SelectNonblock":       {warm: selectNonblock},
	"ChanPopular":          {warm: chanPopular},
}

const filling = 100

// workers runs a worker for each P, with its share of n.
func workers(n uint64, run func(share uint64)) {
	var wg sync.WaitGroup
	count := uint64(runtime.GOMAXPROCS(0))
	for at := range count {
		wg.Go(func() { run((n + at) / count) })
	}
	wg.Wait()
}

func chanSync(n uint64) {
	c := make(chan uint64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range n {
			c <- i
			check(<-c == i+1, "the value that came back")
		}
	})
	for range n {
		value := <-c
		c <- value + 1
	}
	wg.Wait()
}

func prodCons(n uint64, capacity int) {
	c, sums := make(chan uint64, capacity), make(chan uint64)
	var producers sync.WaitGroup
	count := uint64(runtime.GOMAXPROCS(0))
	for first := range count {
		producers.Go(func() {
			for i := first; i < n; i += count {
				c <- i
			}
		})
		go func() {
			sum := uint64(0)
			for value := range c {
				sum += value
			}
			sums <- sum
		}()
	}
	producers.Wait()
	close(c)
	sum := uint64(0)
	for range count {
		sum += <-sums
	}
	check(sum == n*(n-1)/2, "sum of the values")
}

func chanUncontended(n uint64) {
	workers(n, func(share uint64) { fillAndDrain(share, make(chan uint64, filling)) })
}

func chanContended(n uint64) {
	c := make(chan uint64, filling*runtime.GOMAXPROCS(0))
	workers(n, func(share uint64) { fillAndDrain(share, c) })
}

func fillAndDrain(share uint64, c chan uint64) {
	for range share {
		for i := range uint64(filling) {
			c <- i
		}
		for range filling {
			<-c
		}
	}
}

// swing lets one value go to and fro between two buffers.
func swing(share uint64, a, b chan uint64) {
	a <- 0
	for range share {
		select {
		case value := <-a:
			b <- value
		case value := <-b:
			a <- value
		}
	}
}

func selectUncontended(n uint64) {
	workers(n, func(share uint64) { swing(share, make(chan uint64, 1), make(chan uint64, 1)) })
}

func selectAsyncContended(n uint64) {
	procs := runtime.GOMAXPROCS(0)
	a, b := make(chan uint64, procs), make(chan uint64, procs)
	workers(n, func(share uint64) { swing(share, a, b) })
}

func selectSyncContended(n uint64) {
	a, b, c, done := make(chan uint64), make(chan uint64), make(chan uint64), make(chan bool)
	workers(n, func(share uint64) {
		go func() {
			for {
				select {
				case a <- 1:
				case b <- 2:
				case c <- 3:
				case <-done:
					return
				}
			}
		}()
		for range share {
			select {
			case value := <-a:
				check(value == 1, "the value of a")
			case value := <-b:
				check(value == 2, "the value of b")
			case value := <-c:
				check(value == 3, "the value of c")
			}
		}
	})
	close(done)
}

func selectNonblock(n uint64) {
	workers(n, func(share uint64) {
		empty, full, there := make(chan uint64), make(chan uint64), make(chan uint64, 1)
		done := uint64(0)
		for i := range share {
			select {
			case <-empty:
				panic("a value out of nothing")
			default:
			}
			select {
			case full <- i:
				panic("a value into nothing")
			default:
			}
			select {
			case there <- i:
				done++
			default:
			}
			select {
			case <-there:
				done++
			default:
			}
		}
		check(done == 2*share, "number of operations done")
	})
}

func chanPopular(n uint64) {
	const many = 1000
	shared := make(chan uint64)
	own := make([]chan uint64, many)
	var wg sync.WaitGroup
	for i := range own {
		d := make(chan uint64)
		own[i] = d
		wg.Go(func() {
			for {
				select {
				case <-shared:
					return
				case <-d:
				}
			}
		})
	}
	for i := range n {
		own[i%many] <- i
	}
	close(shared)
	wg.Wait()
}
