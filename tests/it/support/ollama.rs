//! An Ollama that says what a test tells it to, over the wire protocol of the real one: HTTP/1.1, chunked NDJSON with
//! one object a token, no header before the first token, `{"error"}` bodies. It keeps what it was asked, and notices
//! when a client hangs up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::in_time;

/// The model that is installed.
pub const MODEL: &str = "gemma4:e4b";

/// One step of a streamed answer.
pub enum Step {
    /// Bytes as one chunk.
    Bytes(Vec<u8>),
    /// Nothing more, until the client hangs up.
    Hang,
    /// The connection breaks, without the last chunk.
    Cut,
    /// Waits until the test says go.
    Wait(Arc<Notify>),
}

/// What a chat request is answered with.
pub enum Chat {
    /// A plain answer with a status.
    Status(u16, String),
    /// A streamed one under 200.
    Stream(Vec<Step>),
}

/// One line of the stream.
pub fn line(value: Value) -> Step {
    Step::Bytes(format!("{value}\n").into_bytes())
}

/// The last line.
pub fn done(prompt_tokens: u64, reason: &str) -> Step {
    line(json!({
        "model": MODEL, "created_at": "2026-11-21T10:00:00Z", "message": {"role": "assistant", "content": ""},
        "done": true, "done_reason": reason, "total_duration": 5_000_000_000_u64, "load_duration": 1_000_000,
        "prompt_eval_count": prompt_tokens, "prompt_eval_duration": 1_000_000_000, "eval_count": 60,
        "eval_duration": 2_000_000_000_u64
    }))
}

/// A whole answer, streamed in pieces of a few characters.
pub fn says(text: &str) -> Chat {
    let characters: Vec<char> = text.chars().collect();
    let mut steps: Vec<Step> = characters.chunks(7).map(|piece| token(&piece.iter().collect::<String>())).collect();
    steps.push(done(900, "stop"));
    Chat::Stream(steps)
}

/// One token of an answer.
pub fn token(text: &str) -> Step {
    line(json!({"model": MODEL, "message": {"role": "assistant", "content": text}, "done": false}))
}

/// The JSON of a verdict.
pub fn verdict(opinion: &str, confidence: f64, category: &str, reason: &str, evidence: &[&str]) -> String {
    json!({"evidence": evidence, "reason": reason, "category": category, "verdict": opinion, "confidence": confidence})
        .to_string()
}

type Script = Box<dyn Fn(&Value, usize) -> Chat + Send + Sync>;

struct State {
    script: Script,
    models: Mutex<Vec<String>>,
    capabilities: Mutex<Vec<&'static str>>,
    loaded: AtomicBool,
    requests: Mutex<Vec<(String, Value)>>,
    chats: watch::Sender<usize>,
    hung_up: watch::Sender<usize>,
}

/// The server; it ends when this is dropped.
pub struct Ollama {
    pub url: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Drop for Ollama {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ollama {
    /// Starts it. The script is given each chat request and how many there were before.
    pub async fn start(script: impl Fn(&Value, usize) -> Chat + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            script: Box::new(script),
            models: Mutex::new(vec![MODEL.to_owned(), "qwen3:4b".to_owned()]),
            capabilities: Mutex::new(vec!["completion", "tools"]),
            loaded: AtomicBool::new(true),
            requests: Mutex::default(),
            chats: watch::Sender::new(0),
            hung_up: watch::Sender::new(0),
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes away in the middle is what some tests are about.
                    let _ = serve(stream, &state).await;
                });
            }
        });
        Self { url, state, task }
    }

    pub fn set_loaded(&self, loaded: bool) {
        self.state.loaded.store(loaded, Ordering::SeqCst);
    }

    pub fn set_models(&self, models: &[&str]) {
        *self.state.models.lock().unwrap() = models.iter().map(|&name| name.to_owned()).collect();
    }

    pub fn set_capabilities(&self, capabilities: &[&'static str]) {
        *self.state.capabilities.lock().unwrap() = capabilities.to_vec();
    }

    /// The bodies of the requests to a path so far.
    pub fn asked(&self, path: &str) -> Vec<Value> {
        let requests = self.state.requests.lock().unwrap();
        requests.iter().filter(|(to, _)| to == path).map(|(_, body)| body.clone()).collect()
    }

    /// Waits until it was asked for so many answers.
    pub async fn chats(&self, count: usize) {
        reaches(&self.state.chats, count, "chats").await;
    }

    /// Waits until so many clients have hung up on an answer before its end.
    pub async fn hung_up(&self, count: usize) {
        reaches(&self.state.hung_up, count, "clients that hung up").await;
    }
}

async fn reaches(counter: &watch::Sender<usize>, count: usize, what: &str) {
    let mut counted = counter.subscribe();
    in_time(&format!("{count} {what}"), counted.wait_for(|so_far| *so_far >= count)).await.unwrap();
}

/// Serves one connection, request after request.
async fn serve(stream: TcpStream, state: &State) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some((path, body)) = request(&mut stream).await? {
        state.requests.lock().unwrap().push((path.clone(), body.clone()));
        let wanted = body["model"].as_str().unwrap_or_default().to_owned();
        let installed = state.models.lock().unwrap().clone();
        let is_missing = body.get("model").is_some() && !installed.contains(&wanted);
        let listed = |names: &[String]| {
            let models: Vec<Value> =
                names.iter().map(|name| json!({"name": name, "model": name, "size": 9_608_350_245_u64})).collect();
            json!({"models": models}).to_string()
        };
        let (status, text) = match path.as_str() {
            _ if is_missing => (404, json!({"error": format!("model '{wanted}' not found")}).to_string()),
            "/api/version" => (200, json!({"version": "0.21.0"}).to_string()),
            "/api/tags" => (200, listed(&installed)),
            "/api/ps" if state.loaded.load(Ordering::SeqCst) => (200, listed(&installed)),
            // Go prints an empty list so.
            "/api/ps" => (200, json!({"models": null}).to_string()),
            "/api/show" => {
                let capabilities = state.capabilities.lock().unwrap().clone();
                let info = json!({"general.architecture": "gemma4", "gemma4.context_length": 131_072});
                (200, json!({"capabilities": capabilities, "model_info": info}).to_string())
            }
            "/api/chat" => {
                let count = *state.chats.borrow();
                state.chats.send_modify(|chats| *chats += 1);
                match (state.script)(&body, count) {
                    Chat::Status(status, text) => (status, text),
                    Chat::Stream(steps) => {
                        match send(&mut stream, steps).await {
                            Ok(Sent::Whole) => continue,
                            Ok(Sent::Cut) => return Ok(()),
                            // One that goes away before the first token is noticed by the writing that fails.
                            Ok(Sent::HungUp) | Err(_) => {
                                state.hung_up.send_modify(|count| *count += 1);
                                return Ok(());
                            }
                        }
                    }
                }
            }
            _ => (404, "404 page not found".to_owned()),
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(text.as_bytes()).await?;
    }
    Ok(())
}

/// Reads one request: its path and its JSON body.
async fn request(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Value)>> {
    let mut head = Vec::new();
    let mut headers = HashMap::new();
    loop {
        let mut text = String::new();
        if stream.read_line(&mut text).await? == 0 {
            return Ok(None);
        }
        let text = text.trim_end().to_owned();
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        head.push(text);
    }
    let path = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some((path, serde_json::from_slice(&body).unwrap_or(Value::Null))))
}

/// How a streamed answer ended.
enum Sent {
    Whole,
    Cut,
    HungUp,
}

/// Streams an answer. Fails where the client was gone before it was all there.
async fn send(stream: &mut BufReader<TcpStream>, steps: Vec<Step>) -> std::io::Result<Sent> {
    let mut head = Some("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
    for step in steps {
        match step {
            Step::Bytes(bytes) => {
                // The real server sends its header with the first token.
                stream.write_all(head.take().unwrap_or_default().as_bytes()).await?;
                stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
                stream.write_all(&bytes).await?;
                stream.write_all(b"\r\n").await?;
                stream.flush().await?;
            }
            Step::Wait(go) => go.notified().await,
            Step::Hang => {
                let mut byte = [0];
                // Ends when the client closes its side, which is how a call is cancelled.
                let _ = stream.read(&mut byte).await;
                return Ok(Sent::HungUp);
            }
            Step::Cut => return Ok(Sent::Cut),
        }
    }
    stream.write_all(head.take().unwrap_or_default().as_bytes()).await?;
    stream.write_all(b"0\r\n\r\n").await?;
    stream.flush().await?;
    Ok(Sent::Whole)
}
