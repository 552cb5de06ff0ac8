"""Holds a report of `dangan verify` against its schema: the report is valid, and reports that were spoilt are not.

usage: check_report_schema.py SCHEMA REPORT     exit 77 = the validator is not installed
"""
import copy
import json
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(77)

# What a schema that lets everything pass would not notice.
SPOILT = {
    "a rule that did not run has no reason": lambda r: result_of(r, "not-run").pop("reason"),
    "a rule that did not run has passed": lambda r: result_of(r, "passed").update(findings=2),
    "an outcome of no name": lambda r: result_of(r, "passed").update(outcome="fine"),
    "a finding without its rule": lambda r: r["packages"][0]["findings"][0].pop("rule"),
    "a finding with a severity of no name": lambda r: r["packages"][0]["findings"][0].update(severity="bad"),
    "a finding with a word too many": lambda r: r["packages"][0]["findings"][0].update(messages="x"),
    "a box of three numbers": lambda r: r["packages"][0]["findings"][0].update(box=[1, 2, 3]),
    "a verdict in words": lambda r: r.update(accepted="yes"),
    "no natures": lambda r: r.pop("natures"),
    "a nature without an item": lambda r: r["natures"][0].update(items=[]),
    "an item of no nature": lambda r: r["natures"][0]["items"][0].update(item="5-1"),
    "a digest that is none": lambda r: r["packages"][0].update(digest="abc"),
    "local time": lambda r: r.update(made="2026-03-02 09:00"),
}


def result_of(report, outcome):
    return next(rule for rule in report["packages"][0]["rules"] if rule["outcome"] == outcome)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        report = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    faults = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(report)]
    for what, spoil in SPOILT.items():
        spoilt = copy.deepcopy(report)
        spoil(spoilt)
        if validator.is_valid(spoilt):
            faults.append(f"passes the schema: {what}")
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


main()
