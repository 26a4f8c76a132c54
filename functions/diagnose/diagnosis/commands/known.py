"""Every program that has a rule; one without is taken to change something."""

from diagnose.diagnosis.commands.call import Rule
from diagnose.diagnosis.commands.cloud.aws import AWS
from diagnose.diagnosis.commands.cloud.containers import CONTAINERS
from diagnose.diagnosis.commands.cloud.infrastructure import INFRASTRUCTURE
from diagnose.diagnosis.commands.cloud.kubernetes import KUBERNETES
from diagnose.diagnosis.commands.cloud.other_clouds import OTHER_CLOUDS
from diagnose.diagnosis.commands.databases.clients import CLIENTS
from diagnose.diagnosis.commands.databases.redis import REDIS
from diagnose.diagnosis.commands.databases.stores import STORES
from diagnose.diagnosis.commands.programs.files import FILES
from diagnose.diagnosis.commands.programs.network import NETWORK
from diagnose.diagnosis.commands.programs.services import SERVICES
from diagnose.diagnosis.commands.programs.shells import SHELLS
from diagnose.diagnosis.commands.programs.system import SYSTEM
from diagnose.diagnosis.commands.programs.text import TEXT
from diagnose.diagnosis.commands.programs.wrappers import WRAPPERS

RULES: dict[str, Rule] = {
    **WRAPPERS,
    **SHELLS,
    **TEXT,
    **FILES,
    **SYSTEM,
    **NETWORK,
    **SERVICES,
    **KUBERNETES,
    **CONTAINERS,
    **AWS,
    **INFRASTRUCTURE,
    **OTHER_CLOUDS,
    **CLIENTS,
    **REDIS,
    **STORES,
}
