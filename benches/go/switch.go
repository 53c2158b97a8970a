// Going from one goroutine to another.

package main

import (
	"runtime"
	"runtime/trace"
	"sync"
)

var switching = map[string]work{
	"gosched_two":         {warm: goschedTwo},
	"pingpong_unbuffered": {warm: pingpongUnbuffered},
	"pingpong_traced":     {warm: pingpongTraced},
}

func goschedTwo(n uint64) {
	var wg sync.WaitGroup
	for _, half := range []uint64{n / 2, n - n/2} {
		wg.Go(func() {
			for range half {
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
}

func pingpongTraced(n uint64) {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MaxBytes: 4 << 20})
	check(recorder.Start() == nil, "no other runs")
	pingpongUnbuffered(n)
	recorder.Stop()
}

func pingpongUnbuffered(n uint64) {
	ping, pong := make(chan uint64), make(chan uint64)
	go func() {
		for value := range ping {
			pong <- value + 1
		}
		close(pong)
	}()
	value := uint64(0)
	for range n {
		ping <- value
		value = <-pong
	}
	close(ping)
	_, ok := <-pong
	check(value == n && !ok, "value after all rounds")
}
