//! The IANA Language Subtag Registry as tables (file of 2025-08-25): which subtags are registered, not what they mean.
//! It must not parse tags. Languages and regions of letters are sets of bits: one number for the letters before the last,
//! one bit for the last. Ranges of private use are included.

/// Languages of two letters.
const LANGUAGES_OF_TWO: [u32; 26] = [
    0x326_3433, 0x6_71d1, 0x136_4091, 0x220_0011, 0x1c_6810, 0x102_4321, 0x30_2809, 0x31a_4111, 0x5c_6559, 0x60_0101,
    0x176_7f41, 0x38_6143, 0x10e_6dc0, 0x122_685b, 0x6_1204, 0xc_0901, 0x10_0000, 0x50_7000, 0x7f_7ddd, 0x14e_6dd1,
    0x202_0440, 0x4110, 0x4001, 0x80, 0x4100, 0x10_0081,
];

/// Languages of three letters.
const LANGUAGES_OF_THREE: [u32; 676] = [
    0x2fd_fdff, 0x3ff_fbff, 0x3ff_bdbb, 0x3df_ebfb, 0x357_3c1f, 0x21c_e5db, 0x3ff_ffff, 0xe_fdc3, 0x1cf_ffff,
    0x25c_a141, 0x3ff_dffe, 0x3ff_fffd, 0x3ff_ff77, 0x3ff_ffff, 0x29e_3fff, 0x3ff_ffff, 0x20a_bc4d, 0x3ff_ef9e,
    0x3ff_efff, 0x3ff_ffdf, 0x3df_ffff, 0x3c_7d0a, 0x1fe_75df, 0x80_1c52, 0x39f_eddf, 0x208_724f, 0x3fe_ebff,
    0x3ff_ffff, 0x37f_ffff, 0x3ff_ffff, 0x3ff_d7ff, 0x3df_ffff, 0x3ff_ff7f, 0x3ff_ffff, 0x3fb_fe7f, 0x3ff_ffff,
    0x3ff_ffef, 0x3ef_ffff, 0x3ff_ffff, 0x3ff_ff7f, 0x3fb_fff3, 0x3ff_ffdf, 0x3ff_ffef, 0x3ff_ffef, 0x1ff_fff7,
    0x3ff_ffff, 0x3fd_f7ff, 0x3fb_ffff, 0x3df_ffff, 0x2f7_ffff, 0x3ef_ffff, 0x3ff_ffff, 0x3f7_ffff, 0x17f_6fdf,
    0x7_fadd, 0x306_73fd, 0x108_2c43, 0x1049, 0x445, 0x3cb_feee, 0x142_b49f, 0x126_f591, 0x3bf_7883, 0x15c_5f9d,
    0xe_7d55, 0xdf_cdc7, 0x3f9_feff, 0x194_e177, 0x10_0008, 0x3ef_ffef, 0x3ff_ffff, 0x31c_f8dd, 0x1ff_dfc7, 0x2040,
    0x8_005b, 0x80, 0x4003, 0x8_6480, 0x3f7_dffd, 0x17b_fb7b, 0x2_0004, 0x46_6359, 0x227_bdfc, 0, 0x2de_6ddf,
    0xf6_7949, 0x3df_ffef, 0x52_7f3f, 0x86_0c41, 0x3440, 0x1f6_7c7f, 0x17a_6759, 0x3ef_edb7, 0x8000, 0, 0x15f_69df,
    0x201_6d92, 0x11e_f58b, 0x3f7_ffff, 0x1, 0x356_0c01, 0, 0x112_714b, 0x2859, 0x1, 0x12_4444, 0x106_0000, 0, 0x10,
    0x111, 0x180_5801, 0x14_0000, 0x28_8000, 0x1, 0x102_dd55, 0x90_d590, 0x3d5_f553, 0xf3_78af, 0x8_0000, 0x100, 0,
    0x4e_45c1, 0x195_7dd0, 0x29e_6086, 0x1_0008, 0x2090, 0x4000, 0x8_0000, 0x4001, 0x11, 0x39a_bfeb, 0x800, 0x4_0000,
    0, 0x2_0000, 0x1100, 0x2_0000, 0, 0x5a_8831, 0, 0x20_0400, 0x102_2981, 0x10_8000, 0x142, 0x86_3108, 0x10, 0x4_0000,
    0xf_d40c, 0x4_0810, 0, 0x13b_33be, 0x2_0000, 0x11, 0, 0, 0, 0x3ff_ffff, 0x3f7_ffff, 0xa_283c, 0x9f_7fff,
    0x3e5_1fef, 0x88_0400, 0x5a_6c5b, 0xe_6c95, 0x3df_f9df, 0x12_3500, 0x10_e019, 0x152_4f8e, 0x3f3_38db, 0x25b_7fdf,
    0x3ff_ffff, 0x2011, 0x12_2101, 0x3ff_57cf, 0x44_f850, 0x10_0101, 0x2ff_fdff, 0x106_fa35, 0xda_337f, 0x80_0000,
    0x302_797b, 0x2101, 0x3e7_ffff, 0x10_6003, 0x81, 0x104_2000, 0x11c9, 0, 0x40_1000, 0x102_0100, 0xca_5feb, 0x100,
    0x4_2491, 0x18_001b, 0x3ff_bfff, 0x14_73d9, 0x36e_df9f, 0x4_4000, 0, 0x2da_d415, 0x4_2882, 0x94_4100, 0x3ff_dffe,
    0x20_2414, 0x4005, 0, 0xc0_0001, 0, 0x2_a100, 0x112_39db, 0x2_0881, 0x1e_011f, 0, 0x110_1433, 0x44_7852, 0x40_8102,
    0x2_2000, 0x4_6214, 0x2ee_cd90, 0x74_dd43, 0x10e_6911, 0x20c_fad6, 0x52_0000, 0x4100, 0x50_0000, 0x192_6591,
    0x3a_75dd, 0x3ee_5d1e, 0x1000, 0x20_0002, 0x4_5400, 0x804, 0x80_4001, 0x202_1180, 0x39f_7ebf, 0x5a_7710, 0xc_0000,
    0x8_0041, 0x1a_2dd2, 0, 0x4412, 0x4_0100, 0x139_59df, 0x2_0010, 0x16_d001, 0x4_0010, 0xc6_290f, 0x4_0b49,
    0x46_004a, 0x82_0001, 0x2_0000, 0x1a_0003, 0x800, 0, 0x15e_fd8f, 0x2008, 0x100, 0, 0x100_0011, 0, 0x1e3_d7ff,
    0x3ff_ffff, 0x3ff_ffff, 0x3fb_fffd, 0x3ff_ffff, 0x3ff_ffff, 0x1ff_ffff, 0x3ff_efff, 0x3fd_dbff, 0x3bf_ffff,
    0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ff7f, 0x3fd_cffd, 0x3ff_ffff, 0x3ff_ffff, 0x3fe_ffbf, 0x3ff_ffff,
    0x3ff_ffff, 0x3fd_fffe, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffbf, 0x3ff_ffff, 0x3ff_ffff, 0x3d7_bfff, 0x3ff_7f77,
    0x5_98bc, 0x1_ffcb, 0x3ff_ffff, 0x2001, 0x21f_7dc3, 0x1c_b981, 0x3f7_cfff, 0xc0_8911, 0x11e_7b9f, 0x95_ffff,
    0x3f3_ffff, 0x254_7bcb, 0x3ff_fff7, 0x80_6011, 0x2_0000, 0x22a_7d55, 0x16e_f9df, 0x14_61c4, 0x37f_ffbd, 0x14_0d01,
    0x5c_58d1, 0x1000, 0x2041, 0x200_2880, 0x2fd_b77b, 0x3ff_ffbf, 0x3ff_ffff, 0x3ff_bfff, 0x37f_ffff, 0x3ff_ffff,
    0x3ff_ffff, 0x3df_ffff, 0x3df_ffff, 0x3ff_ffdf, 0x3ff_fff7, 0x2f7_ffbf, 0x3fb_ffff, 0x3ff_ffff, 0x3ff_d7fd,
    0x3ff_ffdf, 0x3ff_fff7, 0x3ff_feff, 0x3ff_fffe, 0x1ff_ffff, 0x3bf_ffdf, 0x3ff_fdfb, 0x3ff_ffff, 0x3ff_ffff,
    0x3ff_fffe, 0x3ff_ffdf, 0x3cf_ffff, 0x1ff_f7ff, 0x29f_ffff, 0x3ff_bfef, 0x3ff_77ff, 0x12_0809, 0x3ff_ffff,
    0x3fb_f5ff, 0x3ff_7fff, 0x39e_7b8b, 0x2ff_f7ff, 0x3f3_7f55, 0x3ff_ffff, 0x3ff_bfff, 0x37d_fffd, 0x194_69c3,
    0x109_7c40, 0x29a_bd77, 0x3ff_fdff, 0x3d6_d758, 0x3ff_ffff, 0x5080, 0x1c2_5157, 0x93_7d59, 0x1ff_fffe, 0x316_150b,
    0x22_0405, 0x1a_5d00, 0x10_5081, 0x18_0401, 0, 0x14_4000, 0x10_4056, 0x18_0000, 0x2011, 0x64_8046, 0x2b6_7fdf,
    0x1a_5419, 0x1fb_ed57, 0xde_e753, 0x6_2048, 0x108_5401, 0, 0x3fe_60d5, 0x98_e105, 0x3df_7d1b, 0x3113, 0x8, 0x900,
    0, 0x100_100a, 0x1000, 0x3ff_ddff, 0x33e_f9f6, 0x42_bfff, 0x18_6105, 0x3a5_dffb, 0x811, 0x314_2d49, 0x7b_7fc9,
    0x3fe_fbff, 0x8_0000, 0x1e_e0c7, 0x37f_eeff, 0x3df_7fbf, 0x3ff_ffdf, 0x3ed_f5fc, 0x1f_fd11, 0x40_1011, 0x3df_fdff,
    0x15f_f9dd, 0x17b_e181, 0x3db_d77f, 0, 0x42_7143, 0x1000, 0x194_3010, 0x2090, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff,
    0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff,
    0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3ff_ffff, 0x3e7_bdef,
    0x344_fb95, 0xc_1095, 0x5f_e885, 0x8001, 0, 0x3ff_ffef, 0x8c02, 0x20, 0x2, 0x10e_3b53, 0, 0x16_2411, 0x8040,
    0x1a_3833, 0x4_0140, 0x48_1183, 0, 0x3ff_fdff, 0x42_a84b, 0x52_d87f, 0x8_2000, 0, 0x8_5100, 0x40_3d02, 0x44_1084,
    0x319_c5f6, 0, 0x2_5c01, 0x40_0008, 0x14_2000, 0x80, 0x3ff_dfbf, 0x3ff_ffff, 0xfd_edf3, 0x2bf_fef7, 0x37f_ffff,
    0x44_1012, 0x3de_ffdf, 0x3ff_ffdf, 0x3ff_dffb, 0x5e_fc5f, 0x3ff_f7ff, 0x3df_bbfd, 0x3ff_bfef, 0x3f7_fff6,
    0x3f7_efdf, 0x1bf_fd5e, 0x9f_7681, 0x3ff_7df7, 0x3bf_ffff, 0x17f_fffb, 0x3ef_5f57, 0x86_1417, 0x1ff_ffe6,
    0x56_7c56, 0x1c6_7d0f, 0x164_a85f, 0x3f7_ef7f, 0x3ff_ffff, 0x3dd_fdff, 0x1bf_7fff, 0x3ff_f5ff, 0xa_6100,
    0x3ff_e3ff, 0x3ff_bdbc, 0x3fd_fffd, 0x54_fb41, 0x2ff_bc7b, 0x1ff_ffef, 0x37f_ffff, 0x3ff_fdff, 0x3f7_dffe,
    0x3fb_ff75, 0x5b_f802, 0x3ff_ffff, 0x3ff_9fff, 0x37f_ffff, 0x3fd_fbff, 0x1dc_7d19, 0x1db_f8ff, 0x19f_73d7,
    0x3be_ab91, 0x80_7a81, 0x2_3000, 0x112_0901, 0, 0x10_1b51, 0x4_0000, 0x100, 0x100_6093, 0x2001, 0x24_0000, 0x100,
    0x175_8dc1, 0x150_3d37, 0x16_f14f, 0x292_b559, 0x2400, 0x20_0100, 0, 0x3fa_fff7, 0x14_8581, 0x12_8091, 0x12_3000,
    0x890, 0x1, 0, 0x1, 0x4_2000, 0x136_fbf1, 0x402, 0, 0, 0x2_d80c, 0, 0xa_0000, 0, 0x2c_286c, 0x400, 0x218_ff01,
    0x4_8000, 0x3f7_9fff, 0x9400, 0xa_0000, 0, 0, 0xc_4001, 0x20_2900, 0x4000, 0x8_3000, 0, 0x1, 0, 0, 0, 0x3ff_ffff,
    0x6f_9fb3, 0x101, 0x118_0648, 0x5e_f1cd, 0x40, 0x150_4143, 0x10_0441, 0x17a_3ff6, 0x101, 0x152_080b, 0x1f6_5dd5,
    0xcc_71df, 0x150_f55e, 0x146_757f, 0x4, 0, 0x3f6_fdcb, 0x36_0541, 0x40_15a2, 0x1ba_388b, 0, 0x42_4003, 0x40_0001,
    0x102_3103, 0, 0x17f_ff5f, 0x1c2_f35f, 0x17a_78d6, 0x101_5405, 0x1e_984a, 0x1, 0x52_396b, 0x3a_101d, 0x126_a903,
    0x8_0002, 0x3ff_efff, 0x114_e15f, 0x3ff_feff, 0x31f_77cb, 0x42_f54c, 0x3ff_ffff, 0x8_0001, 0x5b_315b, 0x137_fb9f,
    0x37f_fbdf, 0x1a_fa4b, 0x4_6110, 0x4a_4e5d, 0xa_1402, 0x108_0e03, 0x9080, 0x3ff_ffff, 0x180_7f9b, 0x2_a880,
    0x4_0459, 0x13e_2b15, 0, 0x56_9901, 0x4_0809, 0x3bf_bfe1, 0, 0x11a_7dc1, 0x112_7953, 0x28f_fddf, 0x15_6cdb,
    0x18c_3d42, 0x200_f4c3, 0, 0x144_7d13, 0x106_f84c, 0x140_8801, 0x3db_bf7f, 0x8_0001, 0x5b_2841, 0x110_1841,
    0x212_0000, 0x440, 0x3ff_dfff, 0x58_0815, 0x89, 0x200, 0x30c1, 0, 0x2_3083, 0xc0_210a, 0x242_3c03, 0, 0x23a_e4cb,
    0x55_3211, 0x3ff_ffff, 0x4_0459, 0x7_5084, 0x3ff_ffff, 0x10, 0x4_e041, 0x12_1c01, 0x19d_b850, 0x100_3081, 0, 0x1,
    0x80_0000, 0xa242, 0x201,
];

/// Countries, by two letters (ISO 3166).
const REGIONS: [u32; 26] = [
    0x2df_797d, 0x37f_7bfb, 0x3f7_fded, 0x200_5658, 0x21e_00d5, 0x82_5700, 0x15f_b9fb, 0x1a_3400, 0xf_781c, 0xd010,
    0x342_b1d0, 0x13e_0507, 0x3ff_fcfd, 0x21a_c975, 0x1000, 0x14e_3cf1, 0x3ff_f001, 0x54_4010, 0x3be_7fdf, 0x26a_feed,
    0x304_3041, 0x10_2155, 0x4_0020, 0x3ff_ffff, 0x18_0018, 0x242_1001,
];

/// Larger areas, by three digits (UN M49), in order.
const AREAS: [&str; 31] = [
    "001", "002", "003", "005", "009", "011", "013", "014", "015", "017", "018", "019", "021", "029", "030", "034",
    "035", "039", "053", "054", "057", "061", "142", "143", "145", "150", "151", "154", "155", "202", "419",
];

/// Scripts but those of private use, in order.
const SCRIPTS: [&str; 224] = [
    "adlm", "afak", "aghb", "ahom", "arab", "aran", "armi", "armn", "avst", "bali", "bamu", "bass", "batk", "beng",
    "berf", "bhks", "blis", "bopo", "brah", "brai", "bugi", "buhd", "cakm", "cans", "cari", "cham", "cher", "chis",
    "chrs", "cirt", "copt", "cpmn", "cprt", "cyrl", "cyrs", "deva", "diak", "dogr", "dsrt", "dupl", "egyd", "egyh",
    "egyp", "elba", "elym", "ethi", "gara", "geok", "geor", "glag", "gong", "gonm", "goth", "gran", "grek", "gujr",
    "gukh", "guru", "hanb", "hang", "hani", "hano", "hans", "hant", "hatr", "hebr", "hira", "hluw", "hmng", "hmnp",
    "hntl", "hrkt", "hung", "inds", "ital", "jamo", "java", "jpan", "jurc", "kali", "kana", "kawi", "khar", "khmr",
    "khoj", "kitl", "kits", "knda", "kore", "kpel", "krai", "kthi", "lana", "laoo", "latf", "latg", "latn", "leke",
    "lepc", "limb", "lina", "linb", "lisu", "loma", "lyci", "lydi", "mahj", "maka", "mand", "mani", "marc", "maya",
    "medf", "mend", "merc", "mero", "mlym", "modi", "mong", "moon", "mroo", "mtei", "mult", "mymr", "nagm", "nand",
    "narb", "nbat", "newa", "nkdb", "nkgb", "nkoo", "nshu", "ogam", "olck", "onao", "orkh", "orya", "osge", "osma",
    "ougr", "palm", "pauc", "pcun", "pelm", "perm", "phag", "phli", "phlp", "phlv", "phnx", "piqd", "plrd", "prti",
    "psin", "ranj", "rjng", "rohg", "roro", "runr", "samr", "sara", "sarb", "saur", "seal", "sgnw", "shaw", "shrd",
    "shui", "sidd", "sidt", "sind", "sinh", "sogd", "sogo", "sora", "soyo", "sund", "sunu", "sylo", "syrc", "syre",
    "syrj", "syrn", "tagb", "takr", "tale", "talu", "taml", "tang", "tavt", "tayo", "telu", "teng", "tfng", "tglg",
    "thaa", "thai", "tibt", "tirh", "tnsa", "todr", "tols", "toto", "tutg", "ugar", "vaii", "visp", "vith", "wara",
    "wcho", "wole", "xpeo", "xsux", "yezi", "yiii", "zanb", "zinh", "zmth", "zsye", "zsym", "zxxx", "zyyy", "zzzz",
];

/// Variants, in order.
const VARIANTS: [&str; 134] = [
    "1606nict", "1694acad", "1901", "1959acad", "1994", "1996", "abl1943", "akhmimic", "akuapem", "alalc97", "aluku",
    "anpezo", "ao1990", "aranes", "arevela", "arevmda", "arkaika", "asante", "auvern", "baku1926", "balanka", "barla",
    "basiceng", "bauddha", "bciav", "bcizbl", "biscayan", "biske", "blasl", "bohairic", "bohoric", "boont", "bornholm",
    "cisaup", "colb1945", "cornu", "creiss", "dajnko", "ekavsk", "emodeng", "fascia", "fayyumic", "fodom", "fonipa",
    "fonkirsh", "fonnapa", "fonupa", "fonxsamp", "gallo", "gascon", "gherd", "grclass", "grital", "grmistr", "hanoi",
    "hepburn", "heploc", "hognorsk", "hsistemo", "huett", "ijekavsk", "itihasa", "ivanchov", "jauer", "jyutping",
    "kkcor", "kleinsch", "kociewie", "kscor", "laukika", "leidentr", "lemosin", "lengadoc", "lipaw", "ltg1929",
    "ltg2007", "luna1918", "lycopol", "mdcegyp", "mdctrans", "mesokem", "metelko", "monoton", "ndyuka", "nedis",
    "newfound", "nicard", "njiva", "nulik", "osojs", "oxendict", "pahawh2", "pahawh3", "pahawh4", "pamaka", "peano",
    "pehoeji", "petr1708", "pinyin", "polyton", "provenc", "puter", "rigik", "rozaj", "rumgr", "sahidic", "saigon",
    "scotland", "scouse", "simple", "solba", "sotav", "spanglis", "surmiran", "sursilv", "sutsilv", "synnejyl",
    "tailo", "tarask", "tongyong", "tunumiit", "uccor", "ucrcor", "ulster", "unifon", "vaidika", "valbadia",
    "valencia", "vallader", "vecdruka", "viennese", "vivaraup", "wadegile", "xsistemo",
];

/// Whole tags from before there were rules.
pub(super) const GRANDFATHERED: [&str; 26] = [
    "art-lojban",
    "cel-gaulish",
    "en-gb-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "no-bok",
    "no-nyn",
    "sgn-be-fr",
    "sgn-be-nl",
    "sgn-ch-de",
    "zh-guoyu",
    "zh-hakka",
    "zh-min",
    "zh-min-nan",
    "zh-xiang",
];

/// The letter's place in the alphabet, from 0.
fn place(letter: u8) -> Option<usize> {
    letter.is_ascii_alphabetic().then(|| usize::from(letter.to_ascii_lowercase() - b'a'))
}

fn has(row: Option<&u32>, letter: u8) -> bool {
    row.zip(place(letter)).is_some_and(|(row, bit)| row >> bit & 1 == 1)
}

/// A language of two or three letters.
pub(super) fn is_language(part: &str) -> bool {
    match *part.as_bytes() {
        [a, b] => has(place(a).and_then(|a| LANGUAGES_OF_TWO.get(a)), b),
        [a, b, c] => has(place(a).zip(place(b)).and_then(|(a, b)| LANGUAGES_OF_THREE.get(a * 26 + b)), c),
        _ => false,
    }
}

/// A country, by two letters.
pub(super) fn is_region(part: &str) -> bool {
    matches!(*part.as_bytes(), [a, b] if has(place(a).and_then(|a| REGIONS.get(a)), b))
}

/// An area, by three digits.
pub(super) fn is_area(part: &str) -> bool {
    listed(&AREAS, part)
}

/// A script of four letters; Qaaa to Qabx are private.
pub(super) fn is_script(part: &str) -> bool {
    let private = matches!(
        part.as_bytes(),
        [b'q' | b'Q', b'a' | b'A', b'a' | b'A', d] if d.is_ascii_alphabetic()
    ) || matches!(part.as_bytes(), [b'q' | b'Q', b'a' | b'A', b'b' | b'B', b'a'..=b'x' | b'A'..=b'X']);
    private || listed(&SCRIPTS, part)
}

/// A variant.
pub(super) fn is_variant(part: &str) -> bool {
    listed(&VARIANTS, part)
}

/// Whether a list in order, all in lower case, has the part in any letter case.
fn listed(list: &[&str], part: &str) -> bool {
    let lower = || part.bytes().map(|b| b.to_ascii_lowercase());
    list.binary_search_by(|known| known.bytes().cmp(lower())).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{
        AREAS, GRANDFATHERED, LANGUAGES_OF_THREE, LANGUAGES_OF_TWO, REGIONS, SCRIPTS, VARIANTS, is_area, is_language,
        is_region, is_script, is_variant,
    };

    #[test]
    fn the_tables_hold_as_many_subtags_as_the_registry() {
        let bits = |rows: &[u32]| rows.iter().map(|row| row.count_ones()).sum::<u32>();
        assert_eq!(bits(&LANGUAGES_OF_TWO), 190);
        // 8,268 languages, less those of two letters and the range qaa..qtz itself, and the 520 of that range
        assert_eq!(bits(&LANGUAGES_OF_THREE), 8_268 - 190 - 1 + 520);
        // 305 regions, less 31 areas and two ranges, and the 14 and 26 of those
        assert_eq!(bits(&REGIONS), 305 - 31 - 2 + 14 + 26);
    }

    #[test]
    fn the_lists_are_in_order() {
        for list in [&AREAS[..], &SCRIPTS, &VARIANTS, &GRANDFATHERED] {
            assert!(list.is_sorted());
            assert!(list.iter().all(|part| !part.bytes().any(|b| b.is_ascii_uppercase())));
        }
    }

    #[test]
    fn subtags_are_found_in_any_letter_case() {
        assert!(
            is_language("en") && is_language("CY") && is_language("Rom") && is_language("qaa") && is_language("qtz")
        );
        assert!(!is_language("qua1") && !is_language("e") && !is_language("e1") && !is_language("zz"));
        assert!(is_region("GB") && is_region("gb") && is_region("XK") && !is_region("UK") && !is_region("G1"));
        assert!(is_area("419") && !is_area("420"));
        assert!(
            is_script("Latn") && is_script("qaaz") && is_script("Qabx") && !is_script("Qaby") && !is_script("Laat")
        );
        assert!(is_variant("1996") && is_variant("SCOTLAND") && !is_variant("england"));
    }
}
