//! Variables and functions that the host hands to a script.

use std::sync::Arc;

use flowstone_sandbox::{HostFunction, Limits, Sandbox, Script, ScriptError};
use serde_json::{Value, json};

use super::script;

fn with_functions(code: &str, functions: Vec<(&str, Arc<dyn HostFunction>)>) -> Script {
    let functions =
        functions.into_iter().map(|(name, function)| (name.to_owned(), function)).collect();
    Script { functions, ..script(code) }
}

async fn sum(numbers: Vec<Value>) -> Result<Value, String> {
    numbers
        .iter()
        .map(|number| number.as_i64().ok_or("not a number"))
        .sum::<Result<i64, _>>()
        .map(Value::from)
        .map_err(str::to_owned)
}

#[tokio::test]
async fn variables_are_copies_of_the_script() {
    let sandbox = Sandbox::new(Limits::default(), None);
    let mut script = script(
        "$input += '!'; $vars.list.push(3); const own = $flow?.chatId ?? 'none';
        return [$input, $vars, own, typeof $absent, globalThis['$with space'], Object.hasOwn({}, 'polluted'), $nul]",
    );
    script.globals.insert("$input".into(), json!("hi ' \" ` ${1} \u{2028}"));
    script
        .globals
        .insert("$vars".into(), json!({ "list": [1, 2], "__proto__": { "polluted": true } }));
    script.globals.insert("$with space".into(), json!(7));
    script.globals.insert("$nul".into(), json!("a\0b"));
    script.globals.insert("$flow".into(), json!(null));
    let outcome = sandbox.run(script).await.unwrap();
    assert_eq!(
        outcome.value,
        json!(["hi ' \" ` ${1} \u{2028}!", { "list": [1, 2, 3], "__proto__": { "polluted": true } }, "none", "undefined", 7, false, "a\0b"])
    );
}

#[tokio::test]
async fn functions_answer_by_their_dotted_names() {
    let functions = || -> Vec<(&str, Arc<dyn HostFunction>)> {
        vec![
            ("sum", Arc::new(sum)),
            ("$tools.adder.invoke", Arc::new(sum)),
            (
                "$tools.my-tool.invoke",
                Arc::new(|values: Vec<Value>| async move { Ok(json!({ "got": values })) }),
            ),
        ]
    };
    let sandbox = Sandbox::new(Limits::default(), None);
    for (code, expected) in [
        ("return await sum(1, 2, 3)", json!(6)),
        ("return sum() instanceof Promise", json!(true)),
        ("return await $tools.adder.invoke(4, 5)", json!(9)),
        ("return Object.keys($tools)", json!(["adder", "my-tool"])),
        (
            "return await $tools['my-tool'].invoke({ a: undefined, b: 'x\\ud800' }, () => 1)",
            json!({ "got": [{ "b": "x\u{FFFD}" }, null] }),
        ),
        (
            "return (await Promise.all(Array.from({ length: 100 }, (_, n) => sum(n, 1)))).length",
            json!(100),
        ),
        (
            "try { await sum('x') } catch (error) { return [error instanceof Error, error.message] }",
            json!([true, "not a number"]),
        ),
        ("sum(1); return 'not awaited'", json!("not awaited")),
    ] {
        let outcome = sandbox.run(with_functions(code, functions())).await;
        assert_eq!(outcome.unwrap().value, expected, "{code}");
    }
    let failed = sandbox.run(with_functions("\nawait\n  sum('x')", functions())).await.unwrap_err();
    assert_eq!(failed.to_string(), "not a number (line 3, column 3)");
    let failed = sandbox.run(with_functions("await sum(1n)", functions())).await.unwrap_err();
    assert!(failed.to_string().contains("BigInt"), "{failed}");
}

#[tokio::test]
async fn a_hundred_scripts_run_at_once() {
    let sandbox = Sandbox::new(Limits::default(), None);
    let runs = (0..100).map(|number| {
        let code = format!(
            "let n = {number}; await new Promise((done) => setTimeout(done, n % 7));
            for (let i = 0; i < 1000; i++) n += 1; return [n, await sum(n, 1)]"
        );
        let run = sandbox.run(with_functions(&code, vec![("sum", Arc::new(sum))]));
        async move { (number, run.await.map(|outcome| outcome.value)) }
    });
    let runs: Vec<_> = runs.collect();
    for (number, value) in futures::future::join_all(runs).await {
        assert_eq!(value.unwrap(), json!([number + 1000, number + 1001]));
    }
}

#[tokio::test]
async fn scripts_may_start_scripts_but_not_without_end() {
    fn starter(sandbox: Sandbox) -> Arc<dyn HostFunction> {
        Arc::new(move |arguments: Vec<Value>| {
            let sandbox = sandbox.clone();
            async move {
                let depth = arguments[0].as_u64().ok_or("no depth")?;
                let code = if depth == 0 {
                    "return 'bottom'".to_owned()
                } else {
                    format!("return await start({})", depth - 1)
                };
                let inner = with_functions(&code, vec![("start", starter(sandbox.clone()))]);
                Box::pin(sandbox.run(inner))
                    .await
                    .map(|outcome| outcome.value)
                    .map_err(|error| error.to_string())
            }
        })
    }
    let sandbox = Sandbox::new(Limits::default(), None);
    // More than may be live at once, each waiting for one that it started.
    let run = |depth: u32| {
        let code = format!("return await start({depth})");
        let outer = with_functions(&code, vec![("start", starter(sandbox.clone()))]);
        let sandbox = sandbox.clone();
        async move { sandbox.run(outer).await }
    };
    for outcome in futures::future::join_all((0..100).map(|_| run(3))).await {
        assert_eq!(outcome.unwrap().value, json!("bottom"));
    }
    let error = run(20).await.unwrap_err();
    assert!(
        matches!(&error, ScriptError::Thrown { message, .. } if message.contains("more than 8 levels")),
        "{error}"
    );
}
