// Select: waiting for several channels, and not waiting.

package main

var selects = map[string]work{
	"select_two":     {warm: selectTwo},
	"select_default": {warm: selectDefault},
}

func selectTwo(n uint64) {
	odd, even := make(chan uint64), make(chan uint64)
	for first, out := range []chan uint64{even, odd} {
		go func() {
			for i := uint64(first); i < n; i += 2 {
				out <- i
			}
		}()
	}
	sum := uint64(0)
	for range n {
		select {
		case value := <-odd:
			sum += value
		case value := <-even:
			sum += value
		}
	}
	check(sum == n*(n-1)/2, "sum of the values")
}

func selectDefault(n uint64) {
	empty := make(chan uint64)
	missed := uint64(0)
	for range n {
		select {
		case <-empty:
			panic("a value out of nothing")
		default:
			missed++
		}
	}
	check(missed == n, "number of defaults")
}
