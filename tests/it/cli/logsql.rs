//! `gatewatch logsql` as a person and a build script use it.

use super::{Home, is_korean};

#[test]
fn files_of_queries_are_laid_out_in_place_and_a_check_changes_nothing() {
    let home = Home::new();
    let before = "# name: A\n# name.ko: 가\nstatus:>=400|count() n\n";
    let file = home.write("a.logsql", before);
    let (code, out, _) = home.run(&["logsql", "fmt", "--check", &file]);
    assert_eq!((code, out.trim_end()), (1, file.as_str()));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let (code, out, _) = home.run(&["logsql", "fmt", &file]);
    assert_eq!((code, out.trim_end()), (0, file.as_str()));
    let after = "# name: A\n# name.ko: 가\nstatus:>=400\n| stats count(*) as n\n";
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert_eq!(home.run(&["logsql", "fmt", "--check", &file]), (0, String::new(), String::new()));
    // Remarks inside of a query are not ours to drop.
    let remarked = home.write("b.logsql", "a # why\n|count() n\n");
    let (code, out, error) = home.run(&["logsql", "fmt", &remarked]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(error.contains("comments"), "{error}");
    assert_eq!(std::fs::read_to_string(&remarked).unwrap(), "a # why\n|count() n\n");
    // A word to search for is no file, whatever lies about.
    home.write("error", "a|limit 1");
    let output = home.gatewatch(&["logsql", "fmt", "error"]).current_dir(home.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "error\n");
    assert_eq!(std::fs::read_to_string(home.path().join("error")).unwrap(), "a|limit 1");
    let (code, _, error) = home.run(&["logsql", "fmt", &file, "no-such-file.logsql"]);
    assert!(code == 2 && error.contains("no-such-file.logsql: no such file"), "{error}");
}

#[test]
fn a_plan_is_told_in_words_and_as_data() {
    let home = Home::new();
    let query = "status:>=500 ip:in(path:admin | fields ip) | stats by (ip) count() n | sort by (n desc) limit 5";
    let (code, out, error) = home.run(&["logsql", "explain", query]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    for told in
        ["Fields read: ip, status", "keeps a state for each group", "keeps at most 5 rows", "Fields read: ip, path"]
    {
        assert!(out.contains(told), "{told} in\n{out}");
    }
    let (_, out, _) = home.run_in_korean(&["logsql", "explain", query]);
    assert!(is_korean(&out), "{out}");
    let (_, out, _) = home.run(&["logsql", "explain", query, "-o", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(plan["fields"], serde_json::json!(["ip", "status"]));
    assert_eq!(plan["pipes"][1]["work"], serde_json::json!({"best_rows": 5}));
    // A mistake is shown with what was meant.
    let (code, _, error) = home.run(&["logsql", "explain", "* | stat count()"]);
    assert!(code == 2 && error.contains("→ * | stats count()"), "{error}");
}

#[test]
fn the_language_is_documented_from_its_registry() {
    let home = Home::new();
    let (code, out, _) = home.run(&["logsql", "doc"]);
    assert_eq!(code, 0);
    for name in ["stream_context", "ipv4_range", "count_uniq", "sort, order"] {
        assert!(out.contains(name), "{name}");
    }
    let (_, out, _) = home.run(&["logsql", "doc", "order"]);
    assert!(out.starts_with("sort, order (pipe)\n") && out.contains("partition by (field, …)"), "{out}");
    let (_, out, _) = home.run_in_korean(&["logsql", "doc", "sort"]);
    assert!(is_korean(&out), "{out}");
    let (_, out, _) = home.run(&["logsql", "doc", "partition"]);
    assert!(out.starts_with("partition (keyword)"), "{out}");
    let (_, out, _) = home.run(&["logsql", "doc", "in", "-o", "jsonl"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap()[0]["forms"].as_array().unwrap().len(), 2);
    let (code, _, error) = home.run(&["logsql", "doc", "sotr"]);
    assert!(code == 2 && error.contains("did you mean `sort`"), "{error}");
}

#[test]
fn the_syntax_for_other_editors_is_that_of_the_tree() {
    let home = Home::new();
    let (code, out, _) = home.run(&["logsql", "syntax"]);
    let there = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/logsql.sublime-syntax");
    assert_eq!((code, out), (0, std::fs::read_to_string(there).unwrap()));
}

#[test]
fn the_queries_that_ship_are_laid_out_as_fmt_lays_out() {
    let home = Home::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .filter(|path| path.ends_with(".logsql"))
        .collect();
    let mut args = vec!["logsql", "fmt", "--check"];
    args.extend(files.iter().map(String::as_str));
    assert_eq!(home.run(&args), (0, String::new(), String::new()));
}
