// Package sync.

package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

var syncing = map[string]work{
	"mutex_uncontended":       {warm: mutexUncontended},
	"mutex":                   {warm: func(n uint64) { sharedMutex(n, 1, false) }},
	"mutex_slack":             {warm: func(n uint64) { sharedMutex(n, 10, false) }},
	"mutex_work":              {warm: func(n uint64) { sharedMutex(n, 1, true) }},
	"rwmutex_uncontended":     {warm: rwMutexUncontended},
	"rwmutex_read":            {warm: func(n uint64) { rwMutex(n, 1<<62) }},
	"rwmutex_write100":        {warm: func(n uint64) { rwMutex(n, 100) }},
	"rwmutex_write10":         {warm: func(n uint64) { rwMutex(n, 10) }},
	"waitgroup_uncontended":   {warm: waitGroupUncontended},
	"waitgroup_actually_wait": {warm: waitGroupActuallyWait},
	"once":                    {warm: once},
	"once_value":              {warm: onceValue},
	"cond_1":                  {warm: func(n uint64) { cond(n, 1) }},
	"cond_2":                  {warm: func(n uint64) { cond(n, 2) }},
	"cond_4":                  {warm: func(n uint64) { cond(n, 4) }},
	"cond_8":                  {warm: func(n uint64) { cond(n, 8) }},
	"cond_16":                 {warm: func(n uint64) { cond(n, 16) }},
	"cond_32":                 {warm: func(n uint64) { cond(n, 32) }},
	"pool":                    {warm: pool},
	"pool_overflow":           {warm: poolOverflow},
	"atomic_value":            {warm: atomicValue},
	"atomic_value_seen":       {warm: atomicValue},
	"map_load_hits":           {warm: func(n uint64) { mapLoad(n, keys-1) }},
	"map_load_misses":         {warm: func(n uint64) { mapLoad(n, 1) }},
	"map_store":               {warm: mapStore},
	"map_load_or_store":       {warm: mapLoadOrStore},
	"map_delete":              {warm: mapDelete},
	"map_range":               {warm: mapRange},
	"sema_one_addr":           {warm: func(n uint64) { crowds(n, oneAddr) }},
	"sema_many_addr":          {warm: func(n uint64) { crowds(n, manyAddr) }},
}

// parallel shares n operations out among each goroutines for each P.
func parallel(n uint64, each int, body func(share uint64)) {
	count := uint64(runtime.GOMAXPROCS(0) * each)
	var wg sync.WaitGroup
	for at := range count {
		share := n / count
		if at < n%count {
			share++
		}
		wg.Go(func() { body(share) })
	}
	wg.Wait()
}

// counter stands in the heap, as it would if other goroutines knew it.
type counter struct {
	mu    sync.Mutex
	count uint64
	foo   uint64
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

func sharedMutex(n uint64, each int, works bool) {
	var mu sync.Mutex
	c := new(counter)
	parallel(n, each, func(share uint64) {
		foo := uint64(0)
		for range share {
			mu.Lock()
			mu.Unlock()
			if works {
				for range 100 {
					foo = foo*6364136223846793005 + 1
				}
			}
		}
		c.mu.Lock()
		c.count += share
		c.foo = foo
		c.mu.Unlock()
	})
	check(c.count == n, "number of locks")
}

func rwMutexUncontended(n uint64) {
	parallel(n, 1, func(share uint64) {
		m := new(struct {
			sync.RWMutex
			pad [128]uint8
		})
		for range share {
			m.RLock()
			m.RLock()
			m.RUnlock()
			m.RUnlock()
			m.Lock()
			m.Unlock()
		}
	})
}

func rwMutex(n, ratio uint64) {
	var m sync.RWMutex
	parallel(n, 1, func(share uint64) {
		for at := uint64(1); at <= share; at++ {
			if at%ratio == 0 {
				m.Lock()
				m.Unlock()
			} else {
				m.RLock()
				m.RUnlock()
			}
		}
	})
}

func waitGroupUncontended(n uint64) {
	parallel(n, 1, func(share uint64) {
		wg := new(struct {
			sync.WaitGroup
			pad [128]uint8
		})
		for range share {
			wg.Add(1)
			wg.Done()
			wg.Wait()
		}
	})
}

func waitGroupActuallyWait(n uint64) {
	parallel(n, 1, func(share uint64) {
		for range share {
			var wg sync.WaitGroup
			wg.Add(1)
			go func() { wg.Done() }()
			wg.Wait()
		}
	})
}

func once(n uint64) {
	var o sync.Once
	f := func() {}
	parallel(n, 1, func(share uint64) {
		for range share {
			o.Do(f)
		}
	})
}

func onceValue(n uint64) {
	f := sync.OnceValue(func() uint64 { return 1 })
	parallel(n, 1, func(share uint64) {
		sum := uint64(0)
		for range share {
			sum += f()
		}
		check(sum == share, "sum of the values")
	})
}

func cond(n uint64, waiters int) {
	c := sync.NewCond(&sync.Mutex{})
	id := 0
	var wg sync.WaitGroup
	for range waiters + 1 {
		wg.Go(func() {
			for range n {
				c.L.Lock()
				if id == -1 {
					c.L.Unlock()
					break
				}
				id++
				if id == waiters+1 {
					id = 0
					c.Broadcast()
				} else {
					c.Wait()
				}
				c.L.Unlock()
			}
			c.L.Lock()
			id = -1
			c.L.Unlock()
			c.Broadcast()
		})
	}
	wg.Wait()
}

func pool(n uint64) {
	p := sync.Pool{New: func() any { one := uint64(1); return &one }}
	parallel(n, 1, func(share uint64) {
		for range share {
			item := p.Get().(*uint64)
			check(*item == 1, "what was put")
			p.Put(item)
		}
	})
}

func poolOverflow(n uint64) {
	p := sync.Pool{New: func() any { return 1 }}
	parallel(n, 1, func(share uint64) {
		for range share {
			for range 100 {
				p.Put(1)
			}
			sum := 0
			for range 100 {
				sum += p.Get().(int)
			}
			check(sum == 100, "what was put")
		}
	})
}

func atomicValue(n uint64) {
	var v atomic.Value
	v.Store(uint64(7))
	parallel(n, 1, func(share uint64) {
		for range share {
			check(v.Load().(uint64) == 7, "what was stored")
		}
	})
}

const keys = 1024

func filled(count uint64) *sync.Map {
	m := new(sync.Map)
	for key := range count {
		m.Store(key, key)
	}
	return m
}

func mapLoad(n, there uint64) {
	m := filled(there)
	parallel(n, 1, func(share uint64) {
		hits := uint64(0)
		for at := range share {
			if _, ok := m.Load(at % keys); ok {
				hits++
			}
		}
		check(there == 1 || hits == share-share/keys, "number of hits")
	})
}

func mapStore(n uint64) {
	m := filled(keys)
	parallel(n, 1, func(share uint64) {
		for at := range share {
			m.Store(at%keys, at)
		}
	})
}

func mapLoadOrStore(n uint64) {
	m := new(sync.Map)
	var next atomic.Uint64
	parallel(n, 1, func(share uint64) {
		last := next.Add(share)
		for key := last - share; key < last; key++ {
			value, _ := m.LoadOrStore(key/2, key/2)
			check(value == key/2, "what is there")
		}
	})
}

func mapDelete(n uint64) {
	m := new(sync.Map)
	var next atomic.Uint64
	parallel(n, 1, func(share uint64) {
		last := next.Add(share)
		for key := last - share; key < last; key++ {
			m.Store(key, key)
			value, _ := m.LoadAndDelete(key)
			check(value == key, "what was there")
		}
	})
}

func mapRange(n uint64) {
	m := filled(keys)
	parallel(n, 1, func(share uint64) {
		for range share {
			sum := uint64(0)
			m.Range(func(_, value any) bool {
				sum += value.(uint64)
				return true
			})
			check(sum == keys*(keys-1)/2, "sum of the values")
		}
	})
}

const crowd = 8000

func crowds(n uint64, shape func(count uint64)) {
	for left := n; left > 0; {
		now := min(left, crowd)
		shape(now)
		left -= now
	}
}

func oneAddr(count uint64) {
	var gate, woken sync.WaitGroup
	gate.Add(1)
	for range count {
		woken.Go(func() { gate.Wait() })
	}
	runtime.Gosched() // they stand in line
	gate.Done()
	woken.Wait()
}

func manyAddr(count uint64) {
	gates := make([]sync.Mutex, count)
	var woken sync.WaitGroup
	for at := range gates {
		gates[at].Lock()
		woken.Go(func() { gates[at].Lock() })
	}
	runtime.Gosched() // they stand in line
	for at := range gates {
		gates[at].Unlock()
	}
	woken.Wait()
}
