//! The one declaration of every setting. The struct with its defaults, the keys of the file, the variables, the
//! flags, `config show`, the sample and the README's table all come from here; nothing else lists settings.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use toml::de::DeValue;

use super::old_forms::{as_it_is, hours, minutes, ollama_host};
use super::secret::Secret;
use super::value::{self, Colour, Header, JudgeKind, LangChoice, Refused, Shape, Value};
use crate::logs::files::Kind;
use crate::policy::{MAX_DURATION, Remedy};
use crate::text::Lang;

/// A value as it was given, before it has a type.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// From the settings file.
    Toml(&'a DeValue<'a>),
    /// From the environment or a flag.
    Text(&'a str),
}

impl Given<'_> {
    fn read<T: Value>(self) -> Result<T, Refused> {
        match self {
            Self::Toml(value) => value::from_toml(value),
            Self::Text(text) => value::from_text(text),
        }
    }
}

/// Makes the text of a variable the text of its setting.
pub type Convert = fn(&str) -> String;

/// A variable's name in the system that this one replaces, and how its text becomes this setting's.
#[derive(Debug, Clone, Copy)]
pub struct OldName {
    /// The name, without `GATEWATCH_`.
    pub name: &'static str,
    /// Makes `5` under `WINDOW_MIN` the `5m` of `window`.
    pub convert: Convert,
}

/// One setting.
pub struct Setting {
    /// Its key, dotted: `source.url`.
    pub name: &'static str,
    /// The long flag that sets it, where it has one of its own; every setting also has `--set NAME=VALUE`.
    pub flag: Option<&'static str>,
    /// Older names of its variable.
    pub old_names: &'static [OldName],
    /// How it stands in TOML.
    pub shape: Shape,
    /// What it means.
    pub doc: fn(Lang) -> &'static str,
    /// What its value has to be.
    pub wants: fn(Lang) -> std::borrow::Cow<'static, str>,
    /// Reads and sets it.
    pub set: fn(&mut Settings, Given<'_>) -> Result<(), Refused>,
    /// Its items as written, secrets redacted.
    pub items: fn(&Settings) -> Vec<String>,
    /// Whether its values are secrets, never to be repeated in a message.
    pub is_secret: bool,
    /// Whether it holds a secret in clear.
    pub is_secret_in_clear: fn(&Settings) -> bool,
}

impl Setting {
    /// Its variable: `GATEWATCH_SOURCE_URL`.
    pub fn variable(&self) -> String {
        format!("GATEWATCH_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }

    /// Its value as it stands in TOML, secrets redacted.
    pub fn toml(&self, settings: &Settings) -> String {
        value::to_toml(self.shape, &(self.items)(settings))
    }
}

/// A table of the file.
pub struct Group {
    /// Its key; empty for the keys that stand before the first table.
    pub name: &'static str,
    /// What it is about.
    pub doc: fn(Lang) -> &'static str,
    /// Its settings.
    pub settings: &'static [Setting],
}

/// Makes the structs and the table of one declaration.
macro_rules! settings {
    ($(
        $group:ident : $Group:ident, $prefix:tt, en $gen:literal, ko $gko:literal {
            $( $field:ident : $ty:ty = $default:expr
                $(, in $range:expr)? $(, flag $flag:literal)? $(, old $($old:literal by $convert:expr),+)?
                , en $en:literal, ko $ko:literal ; )*
        }
    )*) => {
        /// Every setting with its value.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Settings { $( #[doc = $gen] pub $group: $Group, )* }

        $(
            #[doc = $gen]
            #[derive(Debug, Clone, PartialEq)]
            pub struct $Group { $( #[doc = $en] pub $field: $ty, )* }

            impl Default for $Group {
                fn default() -> Self {
                    Self { $( $field: $default, )* }
                }
            }
        )*

        /// The table of all settings, in the order in which they are shown.
        pub static GROUPS: &[Group] = &[ $(
            Group {
                name: $prefix,
                doc: |lang| match lang { Lang::En => $gen, Lang::Ko => $gko },
                settings: &[ $(
                    Setting {
                        name: settings!(@name $prefix, $field),
                        flag: settings!(@option $($flag)?),
                        old_names: &[ $($( OldName { name: $old, convert: $convert } ),+)? ],
                        shape: <$ty as Value>::SHAPE,
                        doc: |lang| match lang { Lang::En => $en, Lang::Ko => $ko },
                        wants: <$ty as Value>::wants,
                        set: |settings, given| {
                            let value = given.read::<$ty>()?;
                            $( let value = value::within(value, $range)?; )?
                            settings.$group.$field = value;
                            Ok(())
                        },
                        items: |settings| settings.$group.$field.write(),
                        is_secret: <$ty as Value>::IS_SECRET,
                        is_secret_in_clear: |settings| settings.$group.$field.is_secret_in_clear(),
                    },
                )* ],
            },
        )* ];
    };
    (@name "", $field:ident) => { stringify!($field) };
    (@name $prefix:literal, $field:ident) => { concat!($prefix, ".", stringify!($field)) };
    (@option) => { None };
    (@option $flag:literal) => { Some($flag) };
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

settings! {
    general: General, "", en "What is looked at, and how.", ko "무엇을 어떻게 볼지 정합니다." {
        lang: LangChoice = LangChoice::Auto, flag "lang",
            en "Language of everything shown: auto (by the locale), en, ko.",
            ko "화면 언어: auto(로캘을 따름), en, ko.";
        theme: String = "auto".to_owned(), flag "theme",
            en "Theme of the console; `auto` takes one that fits the terminal's colours.",
            ko "콘솔 테마. `auto`는 터미널 색에 맞는 것을 고릅니다.";
        colour: Colour = Colour::Auto, flag "colour",
            en "Colours used: auto, never, 16, 256, truecolor. NO_COLOR is honoured under auto.",
            ko "사용할 색: auto, never, 16, 256, truecolor. auto에서는 NO_COLOR를 따릅니다.";
        mouse: bool = true,
            en "Whether the console takes the mouse.",
            ko "콘솔에서 마우스를 쓸지 여부.";
        window: Duration = 5 * MINUTE, in SECOND..=366 * DAY, flag "window", old "WINDOW_MIN" by minutes,
            en "The time range under study, up to now.",
            ko "조사할 시간 범위(지금까지).";
        refresh: Duration = 10 * SECOND, in SECOND..=DAY, flag "refresh",
            en "How often the console looks again.",
            ko "콘솔이 다시 조회하는 간격.";
        dry_run: bool = true, flag "dry-run", old "DRY_RUN" by as_it_is,
            en "Rehearse: do everything but send bans to CrowdSec. Only `false` makes bans real.",
            ko "예행: CrowdSec로 보내는 것만 빼고 모두 합니다. `false`일 때만 실제로 차단합니다.";
        base_filter: String = "*".to_owned(), flag "base-filter",
            en "LogsQL filter that picks the access-log rows out of the source, such as `log_type:access`.",
            ko "소스에서 접속 로그 행만 고르는 LogsQL 필터. 예: `log_type:access`.";
        max_table_rows: usize = 500, in 1..=10_000,
            en "Most rows of a gate table.",
            ko "게이트 표의 최대 행 수.";
        max_candidates: usize = 5, in 1..=1_000, old "MAX_CANDIDATES" by as_it_is,
            en "Most suspects judged, and most new bans, in one unattended cycle.",
            ko "무인 실행 한 번에 판정하고 새로 차단할 최대 용의자 수.";
        ban_duration: Duration = 4 * HOUR, in MINUTE..=MAX_DURATION, flag "ban-duration", old "BAN_DURATION" by as_it_is,
            en "How long a ban lasts.",
            ko "차단 기간.";
        dedup: Duration = 24 * HOUR, in Duration::ZERO..=366 * DAY, old "DEDUP_HOURS" by hours,
            en "An address judged within this time is not judged again unattended.",
            ko "이 시간 안에 판정한 주소는 무인 실행에서 다시 판정하지 않습니다.";
    }
    source: Source, "source", en "Where rows come from: a VictoriaLogs server or files.", ko "행을 읽어 올 곳: VictoriaLogs 서버 또는 파일." {
        url: Option<String> = None, flag "url",
            en "URL of VictoriaLogs. Without a URL and files, its default port on this host is tried.",
            ko "VictoriaLogs의 URL. URL도 파일도 없으면 이 호스트의 기본 포트를 시도합니다.";
        files: Vec<String> = Vec::new(), flag "file",
            en "Log files and globs to read instead of a server; `-` is standard input.",
            ko "서버 대신 읽을 로그 파일과 글롭. `-`는 표준 입력입니다.";
        format: Option<Kind> = None, flag "format",
            en "Format of the files: access (combined, common), json, logfmt, syslog, plain; empty detects it.",
            ko "파일 형식: access(combined, common), json, logfmt, syslog, plain. 비우면 자동으로 알아냅니다.";
        memory: u64 = 0, in 0..=1_048_576,
            en "MiB that a query over files may keep, and that the console keeps of their lines; 0 is a quarter of the host's memory.",
            ko "파일 쿼리가 쓸 수 있는 메모리(MiB)이자 콘솔이 파일의 줄을 보관하는 한도. 0은 호스트 메모리의 4분의 1입니다.";
        user: String = String::new(),
            en "User for basic authentication.",
            ko "기본 인증의 사용자.";
        password: Option<Secret> = None,
            en "Password for basic authentication: a value, file:PATH or env:NAME.",
            ko "기본 인증의 비밀번호: 값, file:경로 또는 env:이름.";
        bearer: Option<Secret> = None,
            en "Bearer token: a value, file:PATH or env:NAME.",
            ko "Bearer 토큰: 값, file:경로 또는 env:이름.";
        headers: Vec<Header> = Vec::new(),
            en "Extra headers, each \"Name: value\"; a value may be file:PATH or env:NAME.",
            ko "추가 헤더. 각각 \"이름: 값\" 형식이며 값은 file:경로, env:이름도 됩니다.";
        account_id: u32 = 0,
            en "Tenant: AccountID.",
            ko "테넌트: AccountID.";
        project_id: u32 = 0,
            en "Tenant: ProjectID.",
            ko "테넌트: ProjectID.";
        ca: Option<PathBuf> = None,
            en "PEM file with the certificate authorities to trust for this server.",
            ko "이 서버에 대해 신뢰할 인증 기관의 PEM 파일.";
        client_cert: Option<PathBuf> = None,
            en "PEM file with the client certificate.",
            ko "클라이언트 인증서의 PEM 파일.";
        client_key: Option<PathBuf> = None,
            en "PEM file with the client certificate's key.",
            ko "클라이언트 인증서 키의 PEM 파일.";
        timeout: Duration = 30 * SECOND, in SECOND..=HOUR, flag "timeout",
            en "Longest wait for an answer.",
            ko "응답을 기다리는 최대 시간.";
    }
    fields: Fields, "fields", en "Which of the source's fields play which part; empty ones are recognised.", ko "소스의 어떤 필드가 어떤 역할인지. 비워 두면 자동으로 알아냅니다." {
        client: Option<String> = None,
            en "The client's address, where the source itself has worked it out.",
            ko "소스가 이미 알아낸 클라이언트 주소.";
        remote_addr: Option<String> = None, en "The peer's address.", ko "직접 접속한 상대의 주소.";
        forwarded_for: Option<String> = None, en "X-Forwarded-For as sent.", ko "받은 그대로의 X-Forwarded-For.";
        method: Option<String> = None, en "The request method.", ko "요청 메서드.";
        uri: Option<String> = None, en "The request target as sent, query string included.", ko "쿼리 문자열을 포함한 요청 대상.";
        path: Option<String> = None, en "The target without the query string.", ko "쿼리 문자열을 뺀 경로.";
        query: Option<String> = None, en "The query string.", ko "쿼리 문자열.";
        request: Option<String> = None, en "The whole request line.", ko "요청 줄 전체.";
        status: Option<String> = None, en "The response status code.", ko "응답 상태 코드.";
        bytes: Option<String> = None, en "Bytes sent.", ko "보낸 바이트 수.";
        duration: Option<String> = None, en "Time taken, in seconds unless a unit is given.", ko "걸린 시간(단위가 없으면 초).";
        user_agent: Option<String> = None, en "The user agent.", ko "사용자 에이전트.";
        referer: Option<String> = None, en "The referer.", ko "리퍼러.";
        host: Option<String> = None, en "The virtual host.", ko "가상 호스트.";
    }
    gates: Gates, "gates", en "Thresholds per address and window; a suspect passes at least one.", ko "주소와 범위마다의 기준값. 하나라도 넘으면 용의자입니다." {
        min_requests: u64 = 30, old "GATE_MIN_REQS" by as_it_is,
            en "The 4xx ratio counts from this many requests on.",
            ko "이 요청 수부터 4xx 비율을 따집니다.";
        min_4xx_ratio: f64 = 0.5, in 0.0..=1.0, old "GATE_MIN_4XX_RATIO" by as_it_is,
            en "Share of 4xx responses, 0 to 1, 499 counted in.",
            ko "4xx 응답 비율(0~1, 499 포함).";
        min_5xx: u64 = 10, in 1..=u64::MAX, old "GATE_MIN_5XX_COUNT" by as_it_is,
            en "Number of 5xx responses.", ko "5xx 응답 수.";
        min_499: u64 = 15, in 1..=u64::MAX, old "GATE_MIN_499_COUNT" by as_it_is,
            en "Number of 499 responses.", ko "499 응답 수.";
        min_paths: u64 = 20, in 1..=u64::MAX, old "GATE_MIN_DISTINCT_PATH" by as_it_is,
            en "Number of distinct paths.", ko "서로 다른 경로 수.";
    }
    detect: Detect, "detect", en "From which probability of an attack on a suspect is watched, asked about, acted on.", ko "공격 확률이 얼마부터 관찰, 확인, 조치 대상이 되는지." {
        watch: f64 = 0.2, in 0.0..=1.0,
            en "Probability from which on an address is shown as one to watch, 0 to 1.",
            ko "관찰 대상으로 표시할 확률(0~1).";
        ask: f64 = 0.5, in 0.0..=1.0,
            en "Probability from which on a person or the judge is asked, 0 to 1.",
            ko "사람이나 판정자에게 확인할 확률(0~1).";
        act: f64 = 0.9, in 0.0..=1.0,
            en "Probability from which on it is sure enough to act, given two kinds of evidence or one that cannot be innocent, 0 to 1.",
            ko "두 종류의 근거나 무고할 수 없는 근거 하나가 있을 때 조치해도 될 만큼 확실한 확률(0~1).";
        burst: u32 = 100, in 10..=1_000_000,
            en "Requests of one address within any minute from which on they are a burst.",
            ko "한 주소의 1분간 요청이 이 수부터 폭주로 봅니다.";
        sensitive: u32 = 30, in 5..=1_000_000,
            en "Requests of one address about signing in or paying within an hour from which on they are many.",
            ko "한 주소의 한 시간 로그인·결제 요청이 이 수부터 많다고 봅니다.";
        sensitive_paths: Vec<String> = Vec::new(),
            en "Beginnings of further paths that are as sensitive as signing in or paying, such as /api/quote.",
            ko "로그인·결제처럼 민감한 다른 경로의 앞부분(예: /api/quote).";
        ssh_failures: u32 = 5, in 2..=1_000,
            en "Refused sign-ins over SSH of one address within a minute from which on somebody guesses.",
            ko "한 주소의 1분간 SSH 로그인 실패가 이 수부터 추측 공격으로 봅니다.";
        rules: Vec<String> = Vec::new(),
            en "TOML files with rules of your own; one named as a shipped rule replaces it.",
            ko "직접 만든 규칙이 든 TOML 파일. 기본 규칙과 이름이 같으면 그 규칙을 대신합니다.";
        crawlers: Option<PathBuf> = None,
            en "TOML file with the networks of known crawlers, in place of the list that ships.",
            ko "알려진 크롤러의 대역이 든 TOML 파일. 기본 목록을 대신합니다.";
        networks: Option<PathBuf> = None,
            en "Database of autonomous systems in MaxMind's format (GeoLite2-ASN.mmdb), to see who comes from one network; empty does without.",
            ko "MaxMind 형식의 AS 데이터베이스(GeoLite2-ASN.mmdb). 같은 네트워크에서 온 주소를 가려냅니다. 비우면 쓰지 않습니다.";
        sshd: String = "*".to_owned(),
            en "LogsQL filter that picks sshd's rows out of a server, where sign-ins are counted in its messages; empty counts none.",
            ko "서버에서 sshd의 행을 고르는 LogsQL 필터. 그 메시지에서 로그인 시도를 셉니다. 비우면 세지 않습니다.";
        verify_by_dns: bool = false,
            en "Whether the DNS is asked for the names of those that claim to be a crawler and do not come from its networks.",
            ko "크롤러라고 하지만 그 대역에서 오지 않은 주소의 이름을 DNS에 물어볼지 여부.";
    }
    clients: Clients, "clients", en "Who the client is, and who is never a suspect.", ko "클라이언트를 가려내는 방법과 의심하지 않을 대상." {
        trusted_proxies: Vec<IpNet> = Vec::new(), flag "trusted-proxies",
            en "Proxies whose X-Forwarded-For is believed; without any, the peer is the client.",
            ko "X-Forwarded-For를 믿을 프록시. 없으면 직접 접속한 상대가 클라이언트입니다.";
        allow_list: Vec<IpNet> = Vec::new(), flag "allow",
            en "Addresses and ranges that are never suspects and never banned.",
            ko "의심하지도 차단하지도 않을 주소와 대역.";
    }
    baselines: BaselineSettings, "baselines", en "Series that are watched: requests, errors, latency, bytes, a host's metrics.", ko "감시하는 시계열: 요청, 오류, 응답 시간, 바이트, 호스트 지표." {
        active: bool = true,
            en "Whether unattended cycles watch series and keep their events.",
            ko "무인 실행에서 시계열을 감시하고 이벤트를 기록할지 여부.";
        files: Vec<String> = Vec::new(),
            en "TOML files with series and rules of your own; one of the same name changes what it gives of one that ships.",
            ko "직접 만든 시계열과 규칙의 TOML 파일. 같은 이름이면 기본 것에서 적은 항목만 바꿉니다.";
    }
    forest: ForestSettings, "forest", en "The isolation forest: how unlike the site's usual clients one is.", ko "고립 숲: 사이트의 평소 클라이언트와 얼마나 다른지 봅니다." {
        path: Option<PathBuf> = None,
            en "The model file; empty is gatewatch/forest.json under $XDG_STATE_HOME.",
            ko "모델 파일. 비우면 $XDG_STATE_HOME 아래 gatewatch/forest.json입니다.";
        since: Duration = 7 * DAY, in HOUR..=366 * DAY,
            en "How far back it learns from.",
            ko "학습에 쓸 과거의 길이.";
        retrain: Duration = Duration::ZERO, in Duration::ZERO..=366 * DAY,
            en "An unattended run trains it again when the model is older than this; 0s never does.",
            ko "무인 실행에서 모델이 이보다 오래되면 다시 학습합니다. 0s는 하지 않습니다.";
    }
    policy: Policy, "policy", en "Ceilings on what may be banned.", ko "차단할 수 있는 한도." {
        max_prefix_v4: u8 = 24, in 8..=32,
            en "Widest IPv4 range that may be banned, as a prefix length.",
            ko "차단할 수 있는 가장 넓은 IPv4 대역(프리픽스 길이).";
        max_prefix_v6: u8 = 48, in 16..=128,
            en "Widest IPv6 range that may be banned, as a prefix length.",
            ko "차단할 수 있는 가장 넓은 IPv6 대역(프리픽스 길이).";
        max_client_share: f64 = 0.2, in 0.0..=1.0,
            en "Largest share of a window's clients that one cycle or one range may hit, 0 to 1.",
            ko "한 주기나 한 대역이 차단할 수 있는 클라이언트의 최대 비율(0~1).";
        min_confidence: f64 = 0.7, in 0.0..=1.0,
            en "An unattended ban needs a yes of the judge at least this sure, 0 to 1.",
            ko "무인 차단에 필요한 판정의 최소 확신도(0~1).";
        trust_offline: bool = false,
            en "Whether an unattended cycle may ban on gates, rules and the score alone where no model judged.",
            ko "모델의 판정 없이 게이트와 규칙, 점수만으로 무인 차단해도 되는지 여부.";
        trust_score: bool = false,
            en "Whether an unattended cycle may ban on a score of detect.act without a verdict; prefixes of cohorts only so.",
            ko "detect.act에 이른 점수만으로 판정 없이 무인 차단해도 되는지 여부. 집단의 대역은 이때만 차단합니다.";
        max_innocent_share: f64 = 0.05, in 0.0..=1.0,
            en "Largest share of innocents that a range may hold to be banned unattended, 0 to 1.",
            ko "무인 차단할 대역에 허용할 무고한 주소의 최대 비율(0~1).";
    }
    crowdsec: Crowdsec, "crowdsec", en "The CrowdSec Local API.", ko "CrowdSec 로컬 API." {
        credentials: Option<PathBuf> = Some(PathBuf::from("/etc/crowdsec/local_api_credentials.yaml")), flag "credentials",
            en "YAML file that cscli wrote (url, login, password); read, never written. The next three win over it.",
            ko "cscli가 쓴 YAML 파일(url, login, password). 읽기만 합니다. 아래 세 값이 우선합니다.";
        url: Option<String> = None, flag "lapi",
            en "URL of the Local API.", ko "로컬 API의 URL.";
        machine: Option<String> = None,
            en "Machine name to log in with.", ko "로그인할 머신 이름.";
        password: Option<Secret> = None,
            en "The machine's password: a value, file:PATH or env:NAME.",
            ko "머신의 비밀번호: 값, file:경로 또는 env:이름.";
        remedy: Remedy = Remedy::Ban,
            en "What is asked for: ban, captcha, a type of your bouncers, or profile (the server's profiles.yaml decides).",
            ko "요청할 조치: ban, captcha, 바운서의 자체 유형, profile(서버의 profiles.yaml이 결정).";
        ca: Option<PathBuf> = None,
            en "PEM file with the certificate authorities to trust for this server.",
            ko "이 서버에 대해 신뢰할 인증 기관의 PEM 파일.";
        timeout: Duration = 10 * SECOND, in SECOND..=10 * MINUTE,
            en "Longest wait for an answer.", ko "응답을 기다리는 최대 시간.";
    }
    judge: Judge, "judge", en "Who gives an opinion on a suspect.", ko "용의자에 의견을 내는 판정자." {
        kind: JudgeKind = JudgeKind::Auto, flag "judge",
            en "auto (Ollama where it answers, the gates alone where not), ollama, offline.",
            ko "auto(Ollama가 응답하면 사용, 아니면 게이트만), ollama, offline.";
        url: String = "http://127.0.0.1:11434".to_owned(), old "OLLAMA_HOST" by ollama_host,
            en "URL of Ollama.", ko "Ollama의 URL.";
        model: String = "gemma4:e4b".to_owned(), flag "model",
            en "The model.", ko "모델.";
        num_ctx: u32 = 8_192, in 2_048..=1_048_576,
            en "Context in tokens; a longer prompt would be cut in silence by the server, so it is always sent.",
            ko "컨텍스트 토큰 수. 더 긴 프롬프트는 서버가 말없이 자르므로 항상 보냅니다.";
        num_predict: u32 = 512, in 256..=65_536,
            en "Most tokens of an answer.", ko "답변의 최대 토큰 수.";
        temperature: f64 = 0.1, in 0.0..=2.0,
            en "Sampling temperature.", ko "샘플링 온도.";
        seed: u32 = 42,
            en "Seed of the sampling: the same dossier gets the same answer.",
            ko "샘플링 시드. 같은 자료에 같은 답을 얻습니다.";
        keep_alive: Duration = 10 * MINUTE, in Duration::ZERO..=DAY,
            en "How long the server keeps the model in memory afterwards.",
            ko "서버가 그 뒤로 모델을 메모리에 유지하는 시간.";
        timeout: Duration = 2 * MINUTE, in SECOND..=HOUR,
            en "Longest wait for a verdict, loading the model included.",
            ko "모델 적재를 포함해 판정을 기다리는 최대 시간.";
    }
    journal: JournalSettings, "journal", en "The memory of what was judged and done.", ko "판정과 조치의 기록." {
        path: Option<PathBuf> = None, flag "journal",
            en "The SQLite file; empty is gatewatch/journal.db under $XDG_STATE_HOME.",
            ko "SQLite 파일. 비우면 $XDG_STATE_HOME 아래 gatewatch/journal.db입니다.";
        keep: Duration = 90 * DAY, in DAY..=3_660 * DAY,
            en "Records older than this are pruned.", ko "이보다 오래된 기록은 지웁니다.";
    }
}

/// All settings, in the order of the table.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// A setting by its dotted name.
pub fn find(name: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::detect::gates::GateLimits;

    #[test]
    fn every_setting_is_documented_in_both_languages() {
        for setting in all() {
            for lang in [Lang::En, Lang::Ko] {
                let doc = (setting.doc)(lang);
                assert!(doc.len() > 5 && !doc.contains('\n') && doc.ends_with('.'), "{}: {doc}", setting.name);
                assert!(!(setting.wants)(lang).is_empty());
            }
            let has_hangul = (setting.doc)(Lang::Ko).chars().any(|c| ('가'..='힣').contains(&c));
            assert!(has_hangul || setting.name.ends_with("_id"), "{} is not in Korean", setting.name);
        }
    }

    #[test]
    fn names_flags_and_variables_are_unique() {
        let (mut names, mut variables, mut flags) = (HashSet::new(), HashSet::new(), HashSet::new());
        for setting in all() {
            assert!(names.insert(setting.name), "{}", setting.name);
            assert!(variables.insert(setting.variable()), "{}", setting.variable());
            assert!(setting.flag.is_none_or(|flag| flags.insert(flag)), "{}", setting.name);
        }
        for setting in all() {
            for old in setting.old_names {
                let prefixed = format!("GATEWATCH_{}", old.name);
                assert!(prefixed == setting.variable() || !variables.contains(&prefixed), "{prefixed}");
            }
        }
    }

    #[test]
    fn every_default_reads_back_as_itself_within_its_range() {
        let defaults = Settings::default();
        for setting in all() {
            let mut settings = Settings::default();
            let text = (setting.items)(&defaults).join(",");
            assert_eq!((setting.set)(&mut settings, Given::Text(&text)), Ok(()), "{} = {text}", setting.name);
            assert_eq!(settings, defaults, "{}", setting.name);
        }
    }

    #[test]
    fn the_gates_defaults_are_those_of_the_gates() {
        let (gates, limits) = (Gates::default(), GateLimits::default());
        assert_eq!(
            (gates.min_requests, gates.min_4xx_ratio, gates.min_5xx, gates.min_499, gates.min_paths),
            (limits.min_requests, limits.min_4xx_ratio, limits.min_5xx, limits.min_499, limits.min_paths)
        );
    }

    #[test]
    fn ollama_hosts_in_the_forms_that_ollama_takes() {
        for (given, url) in [
            ("127.0.0.1:11434", "http://127.0.0.1:11434"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("gpu-box", "http://gpu-box:11434"),
            ("https://ollama.example/", "https://ollama.example"),
            ("http://ollama.example:8080/base/", "http://ollama.example:8080/base"),
            ("[::]:11434", "http://[::1]:11434"),
            ("[::1]", "http://[::1]:11434"),
        ] {
            assert_eq!(ollama_host(given), url, "{given}");
        }
    }
}
