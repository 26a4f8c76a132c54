"""What CloudWatch shows of the widget where it is put on a dashboard."""

HELP = """\
## Differential

The newest tickets and incidents with their diagnoses, and the buttons to answer them.

Parameters, all optional:

| parameter | |
|---|---|
| `view` | `list` (the default), `ticket` or `report` |
| `ticket_id` | the ticket, for the last two |
| `state` | only tickets in this state: `open`, `acknowledged`, `diagnosed`, `resolved`, or of the \
diagnosis: `waiting`, `running`, `deferred`, `failed`, `done`, `set_aside` |
| `severity` | only tickets of this severity |

```yaml
state: diagnosed
severity: critical
```
"""
