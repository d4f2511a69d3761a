//! What holds for every node and every credential, as loops over the lists.

use std::collections::HashSet;

use flowstone_core::{
    Field,
    spec::{CONTROLS, Default as FieldDefault, Spec},
};

use crate::{ALL, CREDENTIALS, icon};

fn specs() -> impl Iterator<Item = &'static Spec> {
    ALL.iter().map(|node| node.spec())
}

/// Every row of a form, those inside tabs and lists too, each with its siblings.
fn rows(fields: &'static [Field]) -> Vec<(&'static Field, &'static [Field])> {
    let mut rows: Vec<_> = fields.iter().map(|field| (field, fields)).collect();
    for field in fields {
        rows.extend(rows_of(field.tabs));
        rows.extend(rows_of(field.array));
    }
    rows
}

fn rows_of(fields: &'static [Field]) -> Vec<(&'static Field, &'static [Field])> {
    if fields.is_empty() { Vec::new() } else { rows(fields) }
}

#[test]
fn names_are_unique() {
    let mut seen = HashSet::new();
    assert!(specs().all(|spec| seen.insert(spec.name)), "two nodes share a name");
    assert!(CREDENTIALS.is_sorted_by(|a, b| a.name < b.name), "sorted, and no name twice");
    for spec in specs() {
        for (row, siblings) in rows(spec.inputs) {
            // A row may have another control where another row holds something else.
            let same = siblings.iter().filter(|it| it.name == row.name && it.show == row.show);
            assert!(same.count() == 1, "{}: {} is there twice", spec.name, row.name);
        }
    }
}

#[test]
fn former_names_lead_to_nodes_of_today() {
    for (former, present) in crate::FORMER_NAMES {
        assert!(specs().any(|spec| spec.name == *present), "there is no node {present}");
        assert!(specs().all(|spec| spec.name != *former), "{former} is still there");
    }
}

#[test]
fn nodes_stand_in_the_order_of_the_palette() {
    let order: Vec<_> = specs().map(|spec| (spec.category, spec.name.to_lowercase())).collect();
    assert!(order.is_sorted(), "by category, then by name: {order:#?}");
}

#[test]
fn every_node_is_fully_described() {
    for spec in specs() {
        let name = spec.name;
        assert!(!spec.label.is_empty() && !spec.kind.is_empty(), "{name}");
        assert!(spec.version > 0.0, "{name}: a version is more than nothing");
        assert!(!spec.description.is_empty() && !spec.description.ends_with('.'), "{name}");
        assert!(!spec.base_classes.is_empty(), "{name}: nothing could be plugged into");
        assert!(icon(spec.icon).is_some(), "{name}: icons/{} is missing", spec.icon);
        for (row, _) in rows(spec.inputs) {
            let description = row.description.unwrap_or("x");
            assert!(!description.is_empty() && !description.ends_with('.'), "{name}.{}", row.name);
        }
    }
}

#[test]
fn a_node_of_a_category_is_in_its_folder() {
    for spec in specs() {
        let folder = spec.category.to_lowercase().replace(' ', "_").replace(['(', ')'], "");
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&folder);
        assert!(path.is_dir(), "{}: there is no folder {folder}", spec.name);
    }
}

#[test]
fn conditions_name_rows_of_the_same_form() {
    for spec in specs() {
        for (row, siblings) in rows(spec.inputs) {
            let of_choices = row.options.iter().flat_map(|it| it.hide);
            for when in row.show.iter().chain(row.hide).chain(of_choices) {
                let found = match when.0.split_once("[$index].") {
                    Some((list, name)) => {
                        spec.inputs.iter().any(|it| it.name == list)
                            && siblings.iter().any(|it| it.name == name)
                    }
                    None => siblings.iter().chain(spec.inputs).any(|it| it.name == when.0),
                };
                assert!(found, "{}.{}: there is no row {}", spec.name, row.name, when.0);
            }
        }
    }
}

#[test]
fn defaults_fit_their_rows() {
    for spec in specs() {
        for (row, _) in rows(spec.inputs) {
            let fits = match (row.kind, row.default) {
                (_, FieldDefault::None)
                | ("number", FieldDefault::Number(_))
                | ("boolean", FieldDefault::Flag(_))
                | ("string" | "code" | "asyncOptions", FieldDefault::Text(_)) => true,
                ("number", FieldDefault::Text(text)) => {
                    text.is_empty() || text.parse::<f64>().is_ok()
                }
                ("array", FieldDefault::Json(text)) => {
                    serde_json::from_str::<Vec<serde_json::Value>>(text).is_ok()
                }
                ("options", FieldDefault::Text(text)) => {
                    row.options.iter().any(|it| it.name == text)
                }
                ("multiOptions", FieldDefault::Text(text) | FieldDefault::Json(text)) => {
                    let chosen = serde_json::from_str::<Vec<String>>(text).unwrap_or_default();
                    let known = |it: &String| row.options.iter().any(|choice| choice.name == it);
                    !chosen.is_empty() && chosen.iter().all(known)
                }
                ("datagrid" | "json", FieldDefault::Text(text)) => {
                    serde_json::from_str::<serde_json::Value>(text).is_ok()
                }
                ("tabs", FieldDefault::Text(text)) => row.tabs.iter().any(|it| it.name == text),
                _ => false,
            };
            assert!(fits, "{}.{}: {:?} is no {}", spec.name, row.name, row.default, row.kind);
        }
    }
}

#[test]
fn rows_have_what_their_kind_needs() {
    for spec in specs() {
        for (row, _) in rows(spec.inputs) {
            let there = match row.kind {
                "options" | "multiOptions" => !row.options.is_empty(),
                "asyncOptions" | "asyncMultiOptions" => row.load_method.is_some(),
                "array" => !row.array.is_empty(),
                "datagrid" => !row.datagrid.is_empty(),
                "tabs" => !row.tabs.is_empty() && row.tab_identifier.is_some(),
                "file" => row.file_type.is_some(),
                _ => true,
            };
            assert!(there, "{}.{}: {} lacks something", spec.name, row.name, row.kind);
        }
    }
}

#[test]
fn something_fits_into_every_socket() {
    let classes: HashSet<&str> = specs()
        .flat_map(|spec| {
            let outputs = spec.outputs.iter().chain(spec.anchors).flat_map(|it| it.base_classes);
            spec.base_classes.iter().chain(outputs)
        })
        .copied()
        .collect();
    for spec in specs() {
        for row in spec.inputs.iter().filter(|it| !CONTROLS.contains(&it.kind)) {
            let mut kinds = row.kind.split(" | ");
            let known = kinds.any(|it| classes.contains(it));
            assert!(known, "{}.{}: nothing is a {}", spec.name, row.name, row.kind);
        }
    }
}

#[test]
fn credentials_are_known_and_pictured() {
    for slot in specs().filter_map(|spec| spec.credential) {
        for name in slot.names {
            assert!(CREDENTIALS.iter().any(|it| it.name == *name), "there is no credential {name}");
        }
    }
    for credential in CREDENTIALS {
        assert!(icon(credential.icon).is_some(), "{}", credential.name);
        assert!(!credential.inputs.is_empty(), "{}", credential.name);
    }
}

/// One snapshot a node: what clients read of it changes only where a reviewer sees it.
#[test]
#[cfg(all(feature = "javascript", feature = "local-models", feature = "sql"))]
fn the_catalog_is_as_reviewed() {
    for spec in specs() {
        insta::assert_json_snapshot!(spec.name, spec);
    }
    insta::assert_json_snapshot!("credentials", CREDENTIALS);
}

#[test]
fn steps_that_stay_inside_the_run_are_few_and_name_nothing_that_acts() {
    let inside = || ALL.iter().filter(|it| it.stays_inside()).map(|it| it.spec());
    let names: Vec<_> = inside().map(|spec| spec.name).collect();
    let known = [
        "conditionAgentflow",
        "directReplyAgentflow",
        "iterationAgentflow",
        "loopAgentflow",
        "startAgentflow",
    ];
    assert_eq!(names, known, "taking a turn again must be harmless: add a node only with care");
    for spec in inside() {
        assert!(spec.credential.is_none(), "{}: a credential is for calling somebody", spec.name);
        for (row, _) in rows(spec.inputs) {
            assert!(!row.load_config, "{}.{}: a component acts", spec.name, row.name);
        }
    }
}
