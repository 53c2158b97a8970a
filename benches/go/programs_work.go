package main

// The programs that do something beside talking.

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	wordsEach = 20_000 // in each file
	different = 5_000
	counters  = 8
	outer     = 5 // folders
	inner     = 8 // folders in each
)

// writeTree writes n files of words that a small generator of numbers chooses, in folders within folders.
func writeTree(n uint64) string {
	tree, err := os.MkdirTemp("", "gaggle-words-")
	check(err == nil, "a folder of its own")
	number := uint64(1)
	for i := range n {
		var text strings.Builder
		for range wordsEach {
			number = number*6364136223846793005 + 1442695040888963407
			fmt.Fprintf(&text, "word%d ", (number>>33)%different)
		}
		folder := filepath.Join(tree, fmt.Sprint(i%outer), fmt.Sprint(i/outer%inner))
		check(os.MkdirAll(folder, 0o755) == nil, "a folder in it")
		path := filepath.Join(folder, fmt.Sprintf("%d.txt", i))
		check(os.WriteFile(path, []byte(text.String()), 0o644) == nil, "a file in that")
	}
	return tree
}

// wordFrequency: one goroutine finds the files, counters read and count, the goroutine that waits adds up.
func wordFrequency(n uint64) figures {
	tree := writeTree(n)
	defer os.RemoveAll(tree)
	m := startMeter()
	paths, counted := make(chan string, counters), make(chan map[string]uint64, counters)
	var wg sync.WaitGroup
	for range counters {
		wg.Go(func() {
			for path := range paths {
				counted <- count(path)
			}
		})
	}
	go func() {
		err := filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				paths <- path
			}
			return err
		})
		check(err == nil, "the tree")
		close(paths)
	}()
	go func() {
		wg.Wait()
		close(counted)
	}()
	total := map[string]uint64{}
	for counts := range counted {
		for word, count := range counts {
			total[word] += count
		}
	}
	f := m.per(n, "op", nil)
	all := uint64(0)
	for _, count := range total {
		all += count
	}
	check(all == n*wordsEach, "words counted")
	return f
}

func count(path string) map[string]uint64 {
	text, err := os.ReadFile(path)
	check(err == nil, "written before")
	counts := map[string]uint64{}
	for word := range strings.FieldsSeq(string(text)) {
		counts[word]++
	}
	return counts
}

const side = 256

func cell(row, column int) float64 { return float64((row*7 + column*3) % 11) }

func matrix() *[side][side]float64 {
	m := new([side][side]float64)
	for row := range side {
		for column := range side {
			m[row][column] = cell(row, column)
		}
	}
	return m
}

// matmulRows: n rows, 256 to a product.
func matmulRows(n uint64) {
	left, right := matrix(), matrix()
	type result struct {
		row   int
		value float64
	}
	for n > 0 {
		rows := min(n, side)
		done := make(chan result, side)
		var wg sync.WaitGroup
		for row := range int(rows) {
			wg.Go(func() {
				product := multiply(&left[row], right)
				done <- result{row, product[row]}
			})
		}
		wg.Wait()
		close(done)
		for r := range done {
			exact := 0.0
			for k := range side {
				exact += cell(r.row, k) * cell(k, r.row)
			}
			check(math.Abs(r.value-exact) < 1e-6, "a product")
		}
		n -= rows
	}
}

func multiply(row *[side]float64, right *[side][side]float64) (product [side]float64) {
	for k, factor := range row {
		line := &right[k]
		for column := range product {
			product[column] += factor * line[column]
		}
	}
	return product
}

const starters = 100

func spawnStorm(n uint64) {
	var total atomic.Uint64
	var wg sync.WaitGroup
	each := (n + starters - 1) / starters
	for starter := range uint64(starters) {
		wg.Go(func() {
			for number := starter * each; number < min(n, (starter+1)*each); number++ {
				wg.Go(func() { total.Add(below(number % 50)) })
			}
		})
	}
	wg.Wait()
	exact := uint64(0)
	for number := range n {
		exact += below(number % 50)
	}
	check(total.Load() == exact, "the sum")
}

func below(n uint64) (sum uint64) {
	for i := range n {
		sum += i
	}
	return sum
}
