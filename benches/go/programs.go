// Small whole programs.

package main

const members = 1000

var programs = map[string]work{
	"ring_1000":      {warm: ring1000},
	"skynet_1m":      {cold: skynet1m},
	"tree_sum":       {cold: treeSum},
	"daisy_chain":    {cold: daisyChain},
	"prime_sieve":    {cold: primeSieve},
	"word_frequency": {own: wordFrequency},
	"matmul_rows":    {warm: matmulRows},
	"spawn_storm":    {warm: spawnStorm},
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

// sum sends the sum of the numbers from first up to end: the middle one is its own, the others come
// from the halves below it.
func sum(to chan uint64, first, end uint64) {
	middle := first + (end-first)/2
	below := make(chan uint64, 2)
	started := 0
	for _, part := range [2][2]uint64{{first, middle}, {middle + 1, end}} {
		if part[0] < part[1] {
			go sum(below, part[0], part[1])
			started++
		}
	}
	all := middle
	for range started {
		all += <-below
	}
	to <- all
}

func treeSum(n uint64) {
	all := make(chan uint64)
	go sum(all, 0, n)
	check(<-all == n*(n-1)/2, "sum of all nodes")
}

// daisyChain: every link adds one to what it gets from its right.
func daisyChain(n uint64) {
	leftmost := make(chan uint64)
	left := leftmost
	for range n {
		right := make(chan uint64)
		go func(left, right chan uint64) { left <- 1 + <-right }(left, right)
		left = right
	}
	go func() { left <- 0 }()
	check(<-leftmost == n, "links counted")
}

// primeSieve: the candidates go through a filter for each prime found; what comes out is the next
// one. The filters end one after the other once nobody counts any more.
func primeSieve(n uint64) {
	from, stop := make(chan uint64), make(chan struct{})
	go countFrom2(from, stop)
	last := uint64(0)
	for range n {
		prime := <-from
		to := make(chan uint64)
		go filter(from, to, prime)
		from, last = to, prime
	}
	close(stop)
	for range from {
	} // the last filter has ended
	check(n != 2000 || last == 17389, "the last prime")
}

func countFrom2(to chan<- uint64, stop <-chan struct{}) {
	defer close(to)
	for candidate := uint64(2); ; candidate++ {
		select {
		case to <- candidate:
		case <-stop:
			return
		}
	}
}

func filter(from <-chan uint64, to chan<- uint64, prime uint64) {
	for candidate := range from {
		if candidate%prime != 0 {
			to <- candidate
		}
	}
	close(to)
}
