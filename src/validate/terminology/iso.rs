//! The codes of ISO 3166-1 (countries) and ISO 4217 (currencies), which FHIR's packages name but do not carry. Codes alone:
//! names differ between publishers, so none is compared. No rule is written here.

use crate::definitions::CodeSystem;
use crate::definitions::facts::{Concept, Property};

/// Countries: alpha-2, alpha-3 and numeric codes are codes of the one system.
pub(super) const COUNTRIES: &str = "urn:iso:std:iso:3166";
const CURRENCIES: &str = "urn:iso:std:iso:4217";

/// The system of this URL, if it is one of the two.
pub(super) fn system(url: &str) -> Option<CodeSystem> {
    let concepts = match url {
        COUNTRIES => countries(),
        CURRENCIES => {
            let now = CURRENCIES_NOW.split_ascii_whitespace().map(|code| concept(code, false));
            now.chain(CURRENCIES_PAST.split_ascii_whitespace().map(|code| concept(code, true))).collect()
        }
        _ => return None,
    };
    Some(CodeSystem {
        url: url.to_owned(),
        content: "complete".to_owned(),
        case_sensitive: Some(true),
        concepts,
        ..CodeSystem::default()
    })
}

fn countries() -> Vec<Concept> {
    let mut concepts = Vec::new();
    for row in COUNTRIES_NOW.split_ascii_whitespace() {
        for part in [row.get(..2), row.get(2..5), row.get(5..)] {
            concepts.extend(part.map(|code| concept(code, false)));
        }
    }
    concepts.extend(COUNTRIES_PAST.split_ascii_whitespace().map(|code| concept(code, true)));
    // user-assigned: the standard gives them to whoever needs one (Kosovo is XK for most)
    let given = ('M'..='Z').map(|second| ('Q', second)).chain(('A'..='Z').map(|second| ('X', second)));
    concepts.extend(given.chain([('A', 'A'), ('Z', 'Z')]).map(|(a, b)| concept(&format!("{a}{b}"), false)));
    concepts.push(concept("XKX", false));
    concepts
}

fn concept(code: &str, past: bool) -> Concept {
    let inactive = Property { code: "inactive".to_owned(), value: "true".to_owned() };
    Concept { code: code.to_owned(), properties: past.then_some(inactive).into_iter().collect(), ..Concept::default() }
}

/// The three codes of each country, one after another.
const COUNTRIES_NOW: &str = "\
    ADAND020 AEARE784 AFAFG004 AGATG028 AIAIA660 ALALB008 AMARM051 AOAGO024 AQATA010 ARARG032 ASASM016 ATAUT040 \
    AUAUS036 AWABW533 AXALA248 AZAZE031 BABIH070 BBBRB052 BDBGD050 BEBEL056 BFBFA854 BGBGR100 BHBHR048 BIBDI108 \
    BJBEN204 BLBLM652 BMBMU060 BNBRN096 BOBOL068 BQBES535 BRBRA076 BSBHS044 BTBTN064 BVBVT074 BWBWA072 BYBLR112 \
    BZBLZ084 CACAN124 CCCCK166 CDCOD180 CFCAF140 CGCOG178 CHCHE756 CICIV384 CKCOK184 CLCHL152 CMCMR120 CNCHN156 \
    COCOL170 CRCRI188 CUCUB192 CVCPV132 CWCUW531 CXCXR162 CYCYP196 CZCZE203 DEDEU276 DJDJI262 DKDNK208 DMDMA212 \
    DODOM214 DZDZA012 ECECU218 EEEST233 EGEGY818 EHESH732 ERERI232 ESESP724 ETETH231 FIFIN246 FJFJI242 FKFLK238 \
    FMFSM583 FOFRO234 FRFRA250 GAGAB266 GBGBR826 GDGRD308 GEGEO268 GFGUF254 GGGGY831 GHGHA288 GIGIB292 GLGRL304 \
    GMGMB270 GNGIN324 GPGLP312 GQGNQ226 GRGRC300 GSSGS239 GTGTM320 GUGUM316 GWGNB624 GYGUY328 HKHKG344 HMHMD334 \
    HNHND340 HRHRV191 HTHTI332 HUHUN348 IDIDN360 IEIRL372 ILISR376 IMIMN833 ININD356 IOIOT086 IQIRQ368 IRIRN364 \
    ISISL352 ITITA380 JEJEY832 JMJAM388 JOJOR400 JPJPN392 KEKEN404 KGKGZ417 KHKHM116 KIKIR296 KMCOM174 KNKNA659 \
    KPPRK408 KRKOR410 KWKWT414 KYCYM136 KZKAZ398 LALAO418 LBLBN422 LCLCA662 LILIE438 LKLKA144 LRLBR430 LSLSO426 \
    LTLTU440 LULUX442 LVLVA428 LYLBY434 MAMAR504 MCMCO492 MDMDA498 MEMNE499 MFMAF663 MGMDG450 MHMHL584 MKMKD807 \
    MLMLI466 MMMMR104 MNMNG496 MOMAC446 MPMNP580 MQMTQ474 MRMRT478 MSMSR500 MTMLT470 MUMUS480 MVMDV462 MWMWI454 \
    MXMEX484 MYMYS458 MZMOZ508 NANAM516 NCNCL540 NENER562 NFNFK574 NGNGA566 NINIC558 NLNLD528 NONOR578 NPNPL524 \
    NRNRU520 NUNIU570 NZNZL554 OMOMN512 PAPAN591 PEPER604 PFPYF258 PGPNG598 PHPHL608 PKPAK586 PLPOL616 PMSPM666 \
    PNPCN612 PRPRI630 PSPSE275 PTPRT620 PWPLW585 PYPRY600 QAQAT634 REREU638 ROROU642 RSSRB688 RURUS643 RWRWA646 \
    SASAU682 SBSLB090 SCSYC690 SDSDN729 SESWE752 SGSGP702 SHSHN654 SISVN705 SJSJM744 SKSVK703 SLSLE694 SMSMR674 \
    SNSEN686 SOSOM706 SRSUR740 SSSSD728 STSTP678 SVSLV222 SXSXM534 SYSYR760 SZSWZ748 TCTCA796 TDTCD148 TFATF260 \
    TGTGO768 THTHA764 TJTJK762 TKTKL772 TLTLS626 TMTKM795 TNTUN788 TOTON776 TRTUR792 TTTTO780 TVTUV798 TWTWN158 \
    TZTZA834 UAUKR804 UGUGA800 UMUMI581 USUSA840 UYURY858 UZUZB860 VAVAT336 VCVCT670 VEVEN862 VGVGB092 VIVIR850 \
    VNVNM704 VUVUT548 WFWLF876 WSWSM882 YEYEM887 YTMYT175 ZAZAF710 ZMZMB894 ZWZWE716";

/// Codes withdrawn and not given to another country since (ISO 3166-3).
const COUNTRIES_PAST: &str = "\
    128 200 216 249 278 396 488 530 536 582 720 810 849 872 891 AFI AN ANT ATB ATN BU BUR BYS CS CSK CT CTE DD DDR \
    DHY DY FQ FX FXX GEL HV HVO JT JTN MI MID NH NHB NQ NT NTZ PC PCI PCZ PU PUS PZ RH RHO SCG SKM SU SUN TMP TP VD \
    VDR WAK WK YD YMD YU YUG ZAR ZR";

const CURRENCIES_NOW: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
    CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP \
    LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN \
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS \
    TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD \
    XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG ZWL";

/// Withdrawn currencies, still right in old records.
const CURRENCIES_PAST: &str = "\
    ADP AFA ALK AOK AON AOR ARA ARP ATS AZM BEF BGL BRB BRC BRE BRN BRR BYB BYR CSD CSK CYP DDM DEM ECS EEK ESP FIM \
    FRF GHC GRD GWP HRD IEP ITL LTL LUF LVL MGF MRO MTL MXP MZM NLG PEI PLZ PTE ROL RUR SDD SIT SKK SRG STD SUR TJR \
    TMM TPE TRL UAK USS VEB VEF XEU YDD YUM YUN ZAL ZMK ZRN ZRZ ZWD ZWN ZWR";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{COUNTRIES, CURRENCIES, system};

    fn codes(url: &str) -> Vec<String> {
        system(url).unwrap().concepts.into_iter().map(|one| one.code).collect()
    }

    #[test]
    fn each_code_is_there_once_and_has_the_length_its_standard_says() {
        let countries = codes(COUNTRIES);
        assert_eq!(countries.iter().collect::<HashSet<_>>().len(), countries.len());
        for (length, digits, count) in [(2, false, 249 + 42), (3, false, 249 + 1), (3, true, 249)] {
            let like = |c: &&String| c.len() == length && c.bytes().all(|b| b.is_ascii_digit()) == digits;
            let past = super::COUNTRIES_PAST.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(countries.iter().filter(like).count() - past.iter().filter(like).count(), count);
        }
        let currencies = codes(CURRENCIES);
        assert_eq!(currencies.iter().collect::<HashSet<_>>().len(), currencies.len());
        assert!(currencies.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())));
    }

    #[test]
    fn a_system_that_is_neither_is_not_given() {
        assert!(system("urn:iso:std:iso:3166:-2").is_none());
    }
}
