"""docker, podman, crictl and their like."""

from diagnose.diagnosis.commands.call import By, Call, Rule
from diagnose.diagnosis.commands.cloud.kubernetes import inside
from diagnose.diagnosis.commands.finding import CHANGING, DESTRUCTIVE, READ_ONLY, Finding, reads
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import Cli, find_verb, verbs

DOCKER = Cli(
    verbs(
        READ_ONLY,
        "ps,logs,inspect,stats,top,port,diff,events,images,history,info,version,search,wait,"
        "container ls,container list,container ps,container inspect,container logs,"
        "container stats,container top,container port,container diff,image ls,image list,"
        "image inspect,image history,volume ls,volume list,volume inspect,network ls,"
        "network list,network inspect,system df,system info,system events,node ls,"
        "node inspect,node ps,service ls,service ps,service inspect,service logs,stack ls,"
        "stack ps,stack services,secret ls,secret inspect,config ls,config inspect,context ls,"
        "context show,context inspect,compose ps,compose logs,compose top,compose images,"
        "compose ls,compose events,compose version,compose port,compose stats,"
        "manifest inspect,buildx ls,buildx du,pod ps,pod list,pod inspect,pod logs,pod stats,"
        "pods,imagefsinfo",
    )
    | verbs(
        READ_ONLY,
        "compose config",
        worse={"-o": CHANGING, "--output": CHANGING, "--lock-image-digests": CHANGING},
    )
    | verbs(
        CHANGING,
        "run,start,stop,restart,pause,unpause,update,rename,cp,commit,tag,pull,push,build,"
        "create,login,logout,attach,exec,container exec,container start,container stop,"
        "container restart,service scale,service update,stack deploy,compose up,compose start,"
        "compose stop,compose restart,compose exec,compose run,compose pull,compose build,"
        "compose pause,compose unpause,network connect,network disconnect,node update,"
        "swarm init,swarm join,import,load,save,context use",
    )
    | verbs(
        DESTRUCTIVE,
        "rm,rmi,kill,prune,container rm,container kill,container prune,image rm,image prune,"
        "volume rm,volume prune,network rm,network prune,system prune,builder prune,"
        "service rm,stack rm,stack down,swarm leave,node rm,secret rm,config rm,compose down,"
        "compose rm,compose kill,pod rm,pod kill,pod prune,rmp,stopp,system reset,"
        "buildx prune",
    ),
    Options(
        "H:c:lf:p:",
        "host= context= log-level= tls tlsverify file= project-name= runtime-endpoint= namespace=",
    ),
)
EXEC = Options("itTdu:w:", "interactive tty detach user= workdir= privileged index=")
RUNNING = {("exec",), ("container", "exec"), ("compose", "exec")}


def _docker(call: Call) -> Finding:
    found = find_verb(call.words, DOCKER.options, DOCKER.table)
    if found.path in RUNNING:
        return inside(call, found.rest, EXEC)
    if (
        found.path == ("cp",)
        and len(found.rest) == 2
        and found.rest[1].text == "-"
        and ":" in found.rest[0].text
    ):
        return reads(f"{call.name} cp to the screen only reads")
    return DOCKER.judge(call)


def _compose(call: Call) -> Finding:
    """docker-compose, the older name of `docker compose`."""
    words = [word for word in call.words if word.text == "compose"]
    if words:
        return DOCKER.judge(call)
    shorter = {path[1:]: verb for path, verb in DOCKER.table.items() if path[0] == "compose"}
    found = find_verb(call.words, DOCKER.options, shorter)
    if found.path == ("exec",):
        return inside(call, found.rest, EXEC)
    return Cli(shorter, DOCKER.options).judge(call)


CONTAINERS: dict[str, Rule] = {
    **dict.fromkeys(listed("docker podman nerdctl crictl"), By(_docker)),
    "docker-compose": By(_compose),
}
