"""What is real in a demo, and what is not, in the words that it is said with."""

WHAT_IS_REAL = "What is real here, and what is not"
REAL = "The functions, the template's settings and the Anthropic SDK are the real ones."
EMULATED = "AWS is an emulator on this machine; its tables, queues and mappings are read from template.yaml."
CHAT = (
    "The chat's messages are read where Amazon Q Developer would take them up; none reaches Slack or Teams."
)
RECORDED = "One incident is played to it: metrics, logs, alarms and changes are made up (local/demo/live)."
RUNG = "CloudWatch's event of the alarm is put on the bus by this demo (local/demo/alarm_events.py)."
STAND_IN = "A stand-in answers in Claude's place, by plain rules: these findings were not written by Claude."
BY_HAND = "A stand-in plays answers back that were written by hand (local/demo/written), not by Claude."
SHORTENED = "The functions' waits are shortened from minutes to seconds (local/demo/shorter_waits.py)."
NO_SOURCES = "The live sources of evidence are switched off."
