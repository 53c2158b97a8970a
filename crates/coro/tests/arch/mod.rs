//! What only some CPUs have: vector registers wider than the ABI saves.

#[cfg(target_arch = "x86_64")]
mod avx {
    use super::super::Pair;
    use std::arch::x86_64::*;
    use std::hint::black_box;

    /// Wipes every vector register and every callee-saved one before it goes back.
    unsafe extern "C" fn trample(payload: usize) -> ! {
        let pair = Pair::of(payload);
        loop {
            let mut noise = [black_box(1.25_f64); 64];
            for (i, word) in noise.iter_mut().enumerate() {
                *word = (i as f64).sqrt() * 3.7;
            }
            black_box(&mut noise);
            pair.back(0);
        }
    }

    #[target_feature(enable = "avx2")]
    fn sum_across(pair: &Pair, start: [i64; 4]) -> [i64; 4] {
        // SAFETY: 32 readable bytes.
        let mut lanes = unsafe { _mm256_loadu_si256(start.as_ptr().cast()) };
        let mut doubles = _mm256_set1_epi64x(1);
        for _ in 0..100 {
            pair.visit(0);
            lanes = _mm256_add_epi64(lanes, doubles);
            doubles = _mm256_add_epi64(doubles, doubles);
            doubles = _mm256_and_si256(doubles, _mm256_set1_epi64x(0xffff));
        }
        let mut out = [0_i64; 4];
        // SAFETY: 32 writable bytes.
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), lanes) };
        out
    }

    #[test]
    fn avx_values_live_across_switches() {
        if !is_x86_feature_detected!("avx2") {
            return;
        }
        let pair = Pair::new(trample);
        pair.begin();
        // SAFETY: just detected.
        let got = unsafe { sum_across(&pair, black_box([1, 2, 3, 4])) };
        let (mut total, mut double) = (0_i64, 1_i64);
        for _ in 0..100 {
            total += double;
            double = (double + double) & 0xffff;
        }
        assert_eq!(got, [1, 2, 3, 4].map(|lane| lane + total));
    }
}
