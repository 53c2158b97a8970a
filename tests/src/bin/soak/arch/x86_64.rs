//! The widest registers, across whatever stops the goroutine that has something in them; the results are compared bit by bit.

use crate::rng::Rng;
use std::arch::x86_64 as x86;
use std::sync::Once;

const ROUNDS: u64 = 2_000;

/// Eight registers of eight words.
type Words = [[u64; 8]; 8];

/// One word of each register, as every CPU computes it. `is_masked` says whether the last one stays.
fn plain(all: &mut Words, lane: usize, is_masked: bool) {
    for _ in 0..ROUNDS {
        for i in (0..6).step_by(2) {
            all[i][lane] = all[i][lane].wrapping_add(all[i + 1][lane]);
            all[i + 1][lane] ^= all[i + 2][lane];
        }
        all[6][lane] = all[6][lane].wrapping_add(all[7][lane]);
        if !is_masked {
            all[7][lane] = all[0][lane].rotate_left(13);
        }
    }
}

/// All words at once. In assembly: the intrinsics are younger than the oldest compiler we support.
///
/// # Safety
///
/// The CPU has AVX-512.
unsafe fn avx512(all: &mut Words, mask: u8) {
    // SAFETY: the caller's promise; eight registers are read and stored.
    unsafe {
        core::arch::asm!(
            "kmovw k1, {mask:e}",
            "vmovdqu64 zmm0, [{all}]", "vmovdqu64 zmm1, [{all} + 64]",
            "vmovdqu64 zmm2, [{all} + 128]", "vmovdqu64 zmm3, [{all} + 192]",
            "vmovdqu64 zmm4, [{all} + 256]", "vmovdqu64 zmm5, [{all} + 320]",
            "vmovdqu64 zmm6, [{all} + 384]", "vmovdqu64 zmm7, [{all} + 448]",
            "2:",
            "vpaddq zmm0, zmm0, zmm1", "vpxorq zmm1, zmm1, zmm2", "vpaddq zmm2, zmm2, zmm3",
            "vpxorq zmm3, zmm3, zmm4", "vpaddq zmm4, zmm4, zmm5", "vpxorq zmm5, zmm5, zmm6",
            "vpaddq zmm6, zmm6, zmm7", "vprolq zmm7 {{k1}}, zmm0, 13",
            "dec {rounds}",
            "jnz 2b",
            "vmovdqu64 [{all}], zmm0", "vmovdqu64 [{all} + 64], zmm1",
            "vmovdqu64 [{all} + 128], zmm2", "vmovdqu64 [{all} + 192], zmm3",
            "vmovdqu64 [{all} + 256], zmm4", "vmovdqu64 [{all} + 320], zmm5",
            "vmovdqu64 [{all} + 384], zmm6", "vmovdqu64 [{all} + 448], zmm7",
            "vzeroupper",
            mask = in(reg) u32::from(mask),
            all = in(reg) core::ptr::from_mut(all),
            rounds = inout(reg) ROUNDS => _,
            out("k1") _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            options(nostack),
        );
    }
}

/// Four words of each register at once, the last of which are all replaced.
#[target_feature(enable = "avx2")]
fn avx2(all: &mut Words, from: usize) {
    let [mut z0, mut z1, mut z2, mut z3, mut z4, mut z5, mut z6, mut z7] = all.map(|it| {
        let word = |at: usize| it[from + at] as i64;
        x86::_mm256_set_epi64x(word(3), word(2), word(1), word(0))
    });
    for _ in 0..ROUNDS {
        z0 = x86::_mm256_add_epi64(z0, z1);
        z1 = x86::_mm256_xor_si256(z1, z2);
        z2 = x86::_mm256_add_epi64(z2, z3);
        z3 = x86::_mm256_xor_si256(z3, z4);
        z4 = x86::_mm256_add_epi64(z4, z5);
        z5 = x86::_mm256_xor_si256(z5, z6);
        z6 = x86::_mm256_add_epi64(z6, z7);
        let (high, low) = (x86::_mm256_slli_epi64::<13>(z0), x86::_mm256_srli_epi64::<51>(z0));
        z7 = x86::_mm256_or_si256(high, low);
    }
    for (words, z) in all.iter_mut().zip([z0, z1, z2, z3, z4, z5, z6, z7]) {
        words[from] = x86::_mm256_extract_epi64::<0>(z) as u64;
        words[from + 1] = x86::_mm256_extract_epi64::<1>(z) as u64;
        words[from + 2] = x86::_mm256_extract_epi64::<2>(z) as u64;
        words[from + 3] = x86::_mm256_extract_epi64::<3>(z) as u64;
    }
}

/// The same computation again and again, in registers of either width, if there are both.
pub(crate) fn vector(rng: &mut Rng) {
    static SAYS: Once = Once::new();
    let begin: Words = std::array::from_fn(|_| std::array::from_fn(|_| rng.next()));
    let times = 1 + rng.below(500);
    if !std::is_x86_feature_detected!("avx2") {
        SAYS.call_once(|| println!("soak: this CPU has no AVX2"));
        return;
    }
    let is_wide = std::is_x86_feature_detected!("avx512f") && rng.below(2) == 0;
    let mask = if is_wide { rng.next() as u8 } else { u8::MAX };
    let mut right = begin;
    (0..8).for_each(|lane| plain(&mut right, lane, mask >> lane & 1 == 0));
    for _ in 0..times {
        let mut all = begin;
        if is_wide {
            // SAFETY: the CPU has it.
            unsafe { avx512(&mut all, mask) };
        } else {
            for from in [0, 4] {
                // SAFETY: the CPU has it.
                unsafe { avx2(&mut all, from) };
            }
        }
        assert_eq!(all, right);
    }
}
