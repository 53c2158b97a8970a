// Small whole programs.

package main

const members = 1000

var programs = map[string]work{
	"ring_1000": {warm: ring1000},
	"skynet_1m": {cold: skynet1m},
}

// skynet sends the sum of the numbers from first up to end, found by up to ten below it.
func skynet(to chan uint64, first, end uint64) {
	size := end - first
	if size == 1 {
		to <- first
		return
	}
	children := min(size, 10)
	sums := make(chan uint64)
	for child := range children {
		go skynet(sums, first+size*child/children, first+size*(child+1)/children)
	}
	var sum uint64
	for range children {
		sum += <-sums
	}
	to <- sum
}

// skynet1m is a tree ten wide if n is a power of ten.
func skynet1m(n uint64) {
	all := make(chan uint64)
	go skynet(all, 0, n)
	check(<-all == n*(n-1)/2, "sum of all leaves")
}

// ring1000: the token counts the hops that are left; every member passes it on with one less. The
// main goroutine closes the ring, and is no member.
func ring1000(n uint64) {
	first, finish := make(chan uint64), make(chan uint64)
	from := first
	for member := uint64(1); member <= members; member++ {
		to := first
		if member < members {
			to = make(chan uint64)
		}
		input := from
		from = to
		go func() {
			for hops := range input {
				if hops == 0 {
					finish <- member
					break
				}
				to <- hops - 1
			}
			close(to) // so the neighbour ends too
		}()
	}
	first <- n
	check(<-finish == n%members+1, "who had the token at the end")
}
