"""Shows a scenario of alarms, and whether it ended as it must."""

from local.demo.alarm_scenarios import AlarmCounts, AlarmScenario, wait_for_end
from local.demo.reality import CHAT, EMULATED, NO_SOURCES, REAL, RUNG, SHORTENED, STAND_IN, WHAT_IS_REAL
from local.demo.running_stack import running
from local.demo.terminal import Terminal
from local.demo.watch import Watch


def show_alarms(scenario: AlarmScenario, terminal: Terminal) -> bool:
    """Play a scenario of alarms and show what came of it; whether that is as it must be."""
    plan = scenario.plan()
    notes = [REAL, EMULATED, CHAT, RUNG, STAND_IN, SHORTENED, NO_SOURCES]
    terminal.notice(WHAT_IS_REAL, notes)
    terminal.line(scenario.story, "bold")
    with running(plan, Watch(terminal.transition)) as system:
        system.mappings.start()
        alarms = scenario.play(system)
        try:
            wait_for_end(system)
        except TimeoutError as error:
            terminal.line(f"It is not over: {error}", "red")
        counts = AlarmCounts.of(system, alarms)
        for message in system.chat.messages()[-1:]:
            terminal.document(f"What the chat shows last, in {message.thread}", "\n".join(message.lines()))
    terminal.notice(WHAT_IS_REAL, notes)
    terminal.table("The count", counts.rows())
    wrong = counts.wrong(scenario.must_be)
    for line in wrong:
        terminal.line(line, "red")
    return not wrong
