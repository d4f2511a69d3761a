//! Tools of one name, which vendors refuse, get names of their own.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use flowstone_core::{Result, Run, Tool, ToolResult, ToolSpec};
use serde_json::{Map, Value};

/// Most characters of a name that vendors take.
const LONGEST: usize = 64;

/// The same tools. Of those with one name, as two nodes of a service with two accounts bring along,
/// the first keeps it, the next are called `NAME_2`, `NAME_3` and so on, as they are plugged in, and
/// say so in their descriptions.
pub(crate) fn told_apart(tools: Vec<Arc<dyn Tool>>) -> Vec<Arc<dyn Tool>> {
    let own: HashSet<String> = tools.iter().map(|it| it.spec().name.clone()).collect();
    let count = tools.len();
    if own.len() == count {
        return tools;
    }
    let mut taken: HashSet<String> = HashSet::new();
    let apart = tools.into_iter().map(|tool| {
        let name = &tool.spec().name;
        if taken.insert(name.clone()) {
            return tool;
        }
        // Of so many names one is free.
        let (at, other) = (2..=2 + count)
            .map(|at| (at, numbered(name, at)))
            .find(|(_, it)| !own.contains(it) && !taken.contains(it))
            .unwrap_or_else(|| (0, name.clone()));
        taken.insert(other.clone());
        let spec = ToolSpec {
            description: format!(
                "{} (Number {at} of the tools called {name}, with an account or settings of its \
                 own.)",
                tool.spec().description.trim_end()
            ),
            name: other,
            parameters: tool.spec().parameters.clone(),
        };
        Arc::new(Renamed { spec, tool }) as Arc<dyn Tool>
    });
    apart.collect()
}

fn numbered(name: &str, at: usize) -> String {
    let ending = format!("_{at}");
    let kept: String = name.chars().take(LONGEST - ending.len()).collect();
    kept + &ending
}

/// A tool under another name.
struct Renamed {
    spec: ToolSpec,
    tool: Arc<dyn Tool>,
}

#[async_trait]
impl Tool for Renamed {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn returns_directly(&self) -> bool {
        self.tool.returns_directly()
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        self.tool.call(arguments, run).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing;

    /// Says which account it belongs to.
    struct Account(ToolSpec, &'static str);

    #[async_trait]
    impl Tool for Account {
        fn spec(&self) -> &ToolSpec {
            &self.0
        }

        fn returns_directly(&self) -> bool {
            self.1 == "home"
        }

        async fn call(&self, _: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
            Ok(ToolResult::text(self.1))
        }
    }

    fn account(name: &str, of: &'static str) -> Arc<dyn Tool> {
        let (name, description) = (name.to_owned(), "Lists mail.".to_owned());
        Arc::new(Account(ToolSpec { name, description, parameters: json!({"of": of}) }, of))
    }

    #[tokio::test]
    async fn each_tool_keeps_what_it_does() {
        let tools = vec![
            account("list", "work"),
            account("list", "home"),
            account("list_2", "club"),
            account("list", "school"),
        ];
        let apart = told_apart(tools);
        let names: Vec<&str> = apart.iter().map(|it| it.spec().name.as_str()).collect();
        assert_eq!(names, ["list", "list_3", "list_2", "list_4"]);
        let (run, _receiver) = testing::run("What is new?");
        for (tool, of) in apart.iter().zip(["work", "home", "club", "school"]) {
            assert_eq!(tool.call(&Map::new(), &run).await.unwrap().text, of);
            assert_eq!(tool.spec().parameters, json!({"of": of}));
            assert_eq!(tool.returns_directly(), of == "home");
        }
        assert_eq!(apart[0].spec().description, "Lists mail.");
        assert_eq!(
            apart[3].spec().description,
            "Lists mail. (Number 4 of the tools called list, with an account or settings of its \
             own.)"
        );
        // Whoever tells them apart once more changes nothing.
        let again = told_apart(apart.clone());
        assert!(apart.iter().zip(&again).all(|(one, other)| Arc::ptr_eq(one, other)));
    }

    #[test]
    fn long_names_stay_within_what_vendors_take() {
        let long = "x".repeat(LONGEST);
        let apart = told_apart((0..12).map(|_| account(&long, "work")).collect());
        let names: HashSet<&str> = apart.iter().map(|it| it.spec().name.as_str()).collect();
        assert_eq!(names.len(), 12);
        assert!(names.iter().all(|it| it.len() == LONGEST));
        assert!(names.contains(format!("{}_12", "x".repeat(LONGEST - 3)).as_str()));
    }
}
