//! The widest registers there are survive an interruption (SEMANTICS G6).

use crate::state::for_a_while;
use std::arch::x86_64 as x86;

/// Keeps sixteen ZMM registers and a mask register live across a loop. In assembly: the intrinsics
/// are younger than the oldest compiler we support.
///
/// # Safety
///
/// The CPU has AVX-512.
unsafe fn mix512(seed: u64) -> [u64; 128] {
    let mut all = [0; 128];
    // SAFETY: the caller's promise; 16 registers of 8 words are stored.
    unsafe {
        core::arch::asm!(
            "kmovw k1, {seed:e}",
            "vpbroadcastq zmm0, {seed}", "vprolq zmm1, zmm0, 1", "vprolq zmm2, zmm0, 2",
            "vprolq zmm3, zmm0, 3", "vprolq zmm4, zmm0, 4", "vprolq zmm5, zmm0, 5",
            "vprolq zmm6, zmm0, 6", "vprolq zmm7, zmm0, 7", "vprolq zmm8, zmm0, 8",
            "vprolq zmm9, zmm0, 9", "vprolq zmm10, zmm0, 10", "vprolq zmm11, zmm0, 11",
            "vprolq zmm12, zmm0, 12", "vprolq zmm13, zmm0, 13", "vprolq zmm14, zmm0, 14",
            "vprolq zmm15, zmm0, 15",
            "2:",
            "vpaddq zmm0, zmm0, zmm1", "vpxorq zmm1, zmm1, zmm2", "vpaddq zmm2, zmm2, zmm3",
            "vpxorq zmm3, zmm3, zmm4", "vpaddq zmm4, zmm4, zmm5", "vpxorq zmm5, zmm5, zmm6",
            "vpaddq zmm6, zmm6, zmm7", "vpxorq zmm7, zmm7, zmm8", "vpaddq zmm8, zmm8, zmm9",
            "vpxorq zmm9, zmm9, zmm10", "vpaddq zmm10, zmm10, zmm11",
            "vpxorq zmm11, zmm11, zmm12", "vpaddq zmm12, zmm12, zmm13",
            "vpxorq zmm13, zmm13, zmm14", "vpaddq zmm14, zmm14, zmm15",
            "vprolq zmm15 {{k1}}, zmm0, 13",
            "dec {rounds}",
            "jnz 2b",
            "vmovdqu64 [{all}], zmm0", "vmovdqu64 [{all} + 64], zmm1",
            "vmovdqu64 [{all} + 128], zmm2", "vmovdqu64 [{all} + 192], zmm3",
            "vmovdqu64 [{all} + 256], zmm4", "vmovdqu64 [{all} + 320], zmm5",
            "vmovdqu64 [{all} + 384], zmm6", "vmovdqu64 [{all} + 448], zmm7",
            "vmovdqu64 [{all} + 512], zmm8", "vmovdqu64 [{all} + 576], zmm9",
            "vmovdqu64 [{all} + 640], zmm10", "vmovdqu64 [{all} + 704], zmm11",
            "vmovdqu64 [{all} + 768], zmm12", "vmovdqu64 [{all} + 832], zmm13",
            "vmovdqu64 [{all} + 896], zmm14", "vmovdqu64 [{all} + 960], zmm15",
            "vzeroupper",
            seed = in(reg) seed,
            all = in(reg) &raw mut all,
            rounds = inout(reg) 20_000_u64 => _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _,
            out("xmm5") _, out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _,
            out("xmm10") _, out("xmm11") _, out("xmm12") _, out("xmm13") _, out("xmm14") _,
            out("xmm15") _,
            options(nostack),
        );
    }
    all
}

#[target_feature(enable = "avx2")]
fn mix256(seed: u64) -> i64 {
    let mut all: [x86::__m256i; 12] =
        std::array::from_fn(|i| x86::_mm256_set1_epi64x((seed as i64).wrapping_add(i as i64)));
    for round in 0..200_i64 {
        let step = x86::_mm256_set1_epi64x(round.wrapping_mul(0x9e37_79b9));
        for i in 0..12 {
            let shifted = x86::_mm256_slli_epi64::<7>(all[i]);
            all[i] = x86::_mm256_add_epi64(x86::_mm256_xor_si256(shifted, all[(i + 1) % 12]), step);
        }
    }
    all.iter().fold(0, |sum: i64, it| sum.wrapping_add(x86::_mm256_extract_epi64::<2>(*it)))
}

#[test]
fn avx512_registers_survive() {
    if !std::is_x86_feature_detected!("avx512f") {
        println!("skipped: this CPU has no AVX-512");
        return;
    }
    // SAFETY: the CPU has it.
    let right: Vec<_> = (1..9).map(|seed| unsafe { mix512(seed) }).collect();
    for_a_while(2, 5, move |round| {
        // SAFETY: the CPU has it.
        let got = unsafe { mix512(round % 8 + 1) };
        assert_eq!(got, right[(round % 8) as usize]);
    });
}

#[test]
fn avx2_registers_survive() {
    if !std::is_x86_feature_detected!("avx2") {
        println!("skipped: this CPU has no AVX2");
        return;
    }
    // SAFETY: the CPU has it.
    let right: Vec<i64> = (0..8).map(|seed| unsafe { mix256(seed) }).collect();
    for_a_while(2, 5, move |round| {
        // SAFETY: the CPU has it.
        let got = unsafe { mix256(round % 8) };
        assert_eq!(got, right[(round % 8) as usize]);
    });
}
