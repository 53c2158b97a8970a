// Package time: timers that are made, moved and stopped beside many others, and sleeps.

package main

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var timing = map[string]work{
	"timer_after":             {own: besideOthers(timerAfter)},
	"timer_stop":              {own: besideOthers(timerStop)},
	"timer_stop_func":         {own: besideOthers(timerStopFunc)},
	"timer_start_stop_1000":   {own: besideOthers(startStop)},
	"timer_reset":             {own: besideOthers(timerReset)},
	"timer_reset_func":        {own: besideOthers(timerResetFunc)},
	"timer_func_chain_1000":   {own: besideOthers(funcChain)},
	"timer_func_at_once_1000": {own: besideOthers(atOnce)},
	"timer_adjust_10000":      {own: besideOthers(adjust)},
	"sleep_1000":              {own: besideOthers(sleep1000)},
	"sleep_100us":             {own: func(n uint64) figures { return sleeps(n, 0) }},
	"sleep_100us_hogs":        {own: func(n uint64) figures { return sleeps(n, 2) }},
	"sleepers_1m":             {own: sleepers},
}

// others is how many timers each P has already.
const others = 1 << 15

// besideOthers runs body on a goroutine for each P, with its share of n, beside many timers that
// are not due.
func besideOthers(body func(n uint64)) func(uint64) figures {
	return func(n uint64) figures {
		procs := runtime.GOMAXPROCS(0)
		made := make(chan []*time.Timer)
		for range procs {
			go func() {
				var timers []*time.Timer
				for range others {
					timers = append(timers, time.AfterFunc(time.Hour, func() {}))
				}
				made <- timers
			}()
		}
		var all [][]*time.Timer
		for range procs {
			all = append(all, <-made)
		}
		run := func(n uint64) {
			var wg sync.WaitGroup
			for range procs {
				wg.Go(func() { body(n / uint64(procs)) })
			}
			wg.Wait()
		}
		run(n / 10)
		m := startMeter()
		run(n)
		f := m.per(n, "op", nil)
		for _, timers := range all {
			for _, timer := range timers {
				check(timer.Stop(), "not due")
			}
		}
		return f
	}
}

func timerAfter(n uint64) {
	for range n {
		<-time.After(time.Nanosecond)
	}
}

func timerStop(n uint64) {
	for range n {
		check(time.NewTimer(time.Second).Stop(), "stopped")
	}
}

func timerStopFunc(n uint64) {
	for range n {
		check(time.AfterFunc(time.Second, func() {}).Stop(), "stopped")
	}
}

func startStop(n uint64) {
	timers := make([]*time.Timer, 1000)
	for range n / 1000 {
		for i := range timers {
			timers[i] = time.AfterFunc(time.Hour, func() {})
		}
		for _, timer := range timers {
			check(timer.Stop(), "stopped")
		}
	}
}

func timerReset(n uint64) {
	timer := time.NewTimer(time.Hour)
	for range n {
		check(timer.Reset(time.Hour), "reset")
	}
}

func timerResetFunc(n uint64) {
	timer := time.AfterFunc(time.Hour, func() {})
	for range n {
		check(timer.Reset(time.Hour), "reset")
	}
	check(timer.Stop(), "stopped")
}

func funcChain(n uint64) {
	done := make(chan struct{})
	for range n / 1000 {
		left := 1000
		var step func()
		step = func() {
			if left == 0 {
				done <- struct{}{}
				return
			}
			left--
			time.AfterFunc(0, step)
		}
		time.AfterFunc(0, step)
		<-done
	}
}

func atOnce(n uint64) {
	for range n / 1000 {
		var wg sync.WaitGroup
		wg.Add(1000)
		for range 1000 {
			time.AfterFunc(0, wg.Done)
		}
		wg.Wait()
	}
}

func adjust(n uint64) {
	for range n / 10_000 {
		timers := make([]*time.Timer, 10_000)
		for i := range timers {
			timers[i] = time.AfterFunc(time.Hour, func() {})
		}
		timers[len(timers)-1].Reset(time.Nanosecond)
		time.Sleep(time.Microsecond)
		stopped := 0
		for _, timer := range timers {
			if timer.Stop() {
				stopped++
			}
		}
		check(stopped >= len(timers)-1, "stopped")
	}
}

func sleep1000(n uint64) {
	for range n / 1000 {
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { time.Sleep(time.Nanosecond) })
		}
		wg.Wait()
	}
}

// sleeps is how long sleeps of 100 us take, in the middle and of a hundred the longest but one,
// beside hogs that compute.
func sleeps(n uint64, hogs int) figures {
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range hogs {
		wg.Go(func() {
			sum := uint64(0)
			for !stop.Load() {
				for i := range uint64(1000) {
					sum += i
				}
			}
			sink.Store(sum)
		})
	}
	var all []float64
	for range n {
		begin := time.Now()
		time.Sleep(100 * time.Microsecond)
		all = append(all, float64(time.Since(begin).Nanoseconds()))
	}
	stop.Store(true)
	wg.Wait()
	slices.Sort(all)
	at := func(part int) float64 { return all[min(len(all)*part/100, len(all)-1)] }
	return figures(nil).add("p50", "ns", at(50)).add("p99", "ns", at(99))
}

func sleepers(n uint64) figures {
	var latest atomic.Uint64
	var wg sync.WaitGroup
	m := startMeter()
	for at := range n {
		wg.Go(func() {
			// 1 to 1000 ms, in no order: 7919 is a prime
			length := time.Duration(at*7919%1000+1) * time.Millisecond
			begin := time.Now()
			time.Sleep(length)
			late := uint64((time.Since(begin) - length).Nanoseconds())
			for seen := latest.Load(); late > seen && !latest.CompareAndSwap(seen, late); {
				seen = latest.Load()
			}
		})
	}
	wg.Wait()
	return m.per(n, "op", nil).add("max_late", "ns", float64(latest.Load()))
}
