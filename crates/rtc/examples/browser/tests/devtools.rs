//! A Chromium without a screen, driven as a person would by mouse and keyboard: the DevTools protocol over two pipes, and nothing else.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Debian's name, and others'.
const NAMES: [&str; 2] = ["chromium", "chromium-browser"];

/// No screen, no sandbox (containers have not what it needs; the pages are ours), nobody who clicks "allow", and a camera that is none.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--allow-loopback-in-peer-connection",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
];

/// The browser reads commands from 3 and writes answers to 4; a child of ours has only 0 and 1.
const PIPES: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#;

/// A browser that runs.
#[derive(Debug)]
pub(super) struct Browser {
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    sent: u64,
    /// What pages have complained about: exceptions, console errors, what could not be loaded.
    problems: Vec<String>,
    _child: Child,
    _profile: TempDir,
}

/// A tab of it.
#[derive(Clone, Debug)]
pub(super) struct Tab {
    target: String,
    session: String,
}

impl Browser {
    /// `None` where no Chromium is installed.
    pub(super) async fn start() -> Result<Option<Self>> {
        let mut found = None;
        for name in NAMES {
            let asked =
                Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            if asked.await.is_ok_and(|status| status.success()) {
                found = Some(name);
                break;
            }
        }
        let Some(name) = found else { return Ok(None) };
        let profile = TempDir::with_prefix("browser-")?;
        let mut command = Command::new("sh");
        command.args(["-c", PIPES, "sh", name]).args(FLAGS).arg("--remote-debugging-pipe");
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().context("the browser does not start")?;
        let commands = child.stdin.take().context("no pipe to the browser")?;
        let answers = BufReader::new(child.stdout.take().context("no pipe from the browser")?);
        Ok(Some(Self { commands, answers, sent: 0, problems: Vec::new(), _child: child, _profile: profile }))
    }

    /// A tab with this page, so many pixels wide and high.
    pub(super) async fn open(&mut self, url: &str, (width, height): (u32, u32)) -> Result<Tab> {
        let target = text(
            &self.call(None, "Target.createTarget", json!({ "url": "about:blank" })).await?,
            "targetId",
        )?;
        let attach = json!({ "targetId": target, "flatten": true });
        let session = text(&self.call(None, "Target.attachToTarget", attach).await?, "sessionId")?;
        let tab = Tab { target, session };
        for domain in ["Page", "Runtime", "Log"] {
            self.tell(&tab, &format!("{domain}.enable"), json!({})).await?;
        }
        self.resize(&tab, (width, height)).await?;
        self.tell(&tab, "Page.navigate", json!({ "url": url })).await?;
        Ok(tab)
    }

    pub(super) async fn resize(&mut self, tab: &Tab, (width, height): (u32, u32)) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell(tab, "Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
    }

    pub(super) async fn reload(&mut self, tab: &Tab) -> Result<()> {
        self.tell(tab, "Page.reload", json!({})).await.map(drop)
    }

    pub(super) async fn close(&mut self, tab: Tab) -> Result<()> {
        self.call(None, "Target.closeTarget", json!({ "targetId": tab.target })).await.map(drop)
    }

    /// What an expression comes to on the page.
    pub(super) async fn evaluate<T: DeserializeOwned>(&mut self, tab: &Tab, expression: &str) -> Result<T> {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.tell(tab, "Runtime.evaluate", asked).await?;
        if let Some(exception) = answer.get("exceptionDetails") {
            bail!("{expression}: {exception}");
        }
        let value = answer.get_mut("result").and_then(|result| result.get_mut("value")).map(Value::take);
        Ok(serde_json::from_value(value.unwrap_or_default())?)
    }

    /// Presses the mouse in the middle of an element.
    pub(super) async fn click(&mut self, tab: &Tab, selector: &str) -> Result<()> {
        self.press(tab, selector, 0.5).await
    }

    /// Presses the mouse on a slider's track, so far along it: 0 is its beginning, 1 its end. Keys then move it to where it is to be.
    pub(super) async fn slide(&mut self, tab: &Tab, selector: &str, wanted: f64) -> Result<()> {
        let range =
            format!("(({{ min, max }}) => [Number(min), Number(max)])(document.querySelector('{selector}'))");
        let (min, max): (f64, f64) = self.evaluate(tab, &range).await?;
        self.press(tab, selector, (wanted - min) / (max - min)).await?;
        for _ in 0..100 {
            let value: f64 =
                self.evaluate(tab, &format!("Number(document.querySelector('{selector}').value)")).await?;
            if (value - wanted).abs() < 1e-9 {
                return Ok(());
            }
            self.key(tab, if value < wanted { "ArrowRight" } else { "ArrowLeft" }).await?;
        }
        bail!("{selector} cannot be moved to {wanted}")
    }

    async fn press(&mut self, tab: &Tab, selector: &str, along: f64) -> Result<()> {
        let place = format!(
            "(() => {{ const element = document.querySelector('{selector}');
            element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
            const {{ x, y, width, height }} = element.getBoundingClientRect();
            return [x + width * {along}, y + height / 2]; }})()"
        );
        let (x, y): (f64, f64) = self.evaluate(tab, &place).await?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.tell(tab, "Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// A key, to what has the focus.
    pub(super) async fn key(&mut self, tab: &Tab, key: &str) -> Result<()> {
        let code = match key {
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            "Tab" => 9,
            " " => 32,
            _ => bail!("who presses {key}?"),
        };
        let characters = if key == " " { " " } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let code_name = if key == " " { "Space" } else { key };
            let event = json!({
                "type": kind, "key": key, "code": code_name, "windowsVirtualKeyCode": code, "text": characters,
            });
            self.tell(tab, "Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// All that pages have complained about so far.
    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    async fn tell(&mut self, tab: &Tab, method: &str, params: Value) -> Result<Value> {
        self.call(Some(&tab.session), method, params).await
    }

    async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        self.sent += 1;
        let id = self.sent;
        let mut command = json!({ "id": id, "method": method, "params": params });
        if let (Some(session), Some(command)) = (session, command.as_object_mut()) {
            command.insert("sessionId".to_owned(), session.into());
        }
        let mut bytes = serde_json::to_vec(&command)?;
        bytes.push(0);
        self.commands.write_all(&bytes).await?;
        loop {
            let mut message = self.next().await?;
            if message.get("id") == Some(&id.into()) {
                if let Some(error) = message.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(message.get_mut("result").map(Value::take).unwrap_or_default());
            }
            self.problems.extend(problem(&message));
        }
    }

    async fn next(&mut self) -> Result<Value> {
        let mut bytes = Vec::new();
        self.answers.read_until(0, &mut bytes).await?;
        let Some(0) = bytes.pop() else { bail!("the browser is gone") };
        Ok(serde_json::from_slice(&bytes)?)
    }
}

fn text(value: &Value, name: &str) -> Result<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).with_context(|| format!("no {name}"))
}

/// What a page complains about in this event, if it does.
fn problem(event: &Value) -> Option<String> {
    let params = event.get("params")?;
    let path = |names: &[&str]| names.iter().try_fold(params, |value, name| value.get(name));
    let complains = match event.get("method")?.as_str()? {
        "Runtime.exceptionThrown" => true,
        "Runtime.consoleAPICalled" => {
            path(&["type"]).is_some_and(|kind| kind == "error" || kind == "warning")
        }
        "Log.entryAdded" => {
            path(&["entry", "level"]).is_some_and(|level| level == "error" || level == "warning")
        }
        _ => false,
    };
    complains.then(|| params.to_string())
}
