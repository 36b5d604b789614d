# Of kafka.sh: a broker with TLS, users, tokens and rights, for tests. All keys and passwords are made here at the first start, of use on this
# machine only, and lie in DIR/secure:
#   ca.pem ca.key            who signs all certificates
#   broker.pem               the broker's certificate and key
#   client.pem client.key    of the user lenne, for the listener mutual
#   password                 of the users lenne and menden, for SCRAM-SHA-256, SCRAM-SHA-512 and PLAIN
#   issuer.key jwks.json     whose tokens the broker believes (OAUTHBEARER: issuer "lenne-test", audience "kafka", user in sub)
# The listener plain is open, and its users may do everything; all others have the rights that ACLs give them.

certificate() { # name, extensions: signed by the CA
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.request" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$1.request" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile <(echo "$2") -out "$1.pem" 2>/dev/null
  rm "$1.request"
}

base64url() { basenc --base64url --wrap=0 | tr -d '='; }

secure_files() {
  [[ ! -e $dir/secure/.complete ]] || return 0
  need openssl openssl
  rm -rf "$dir/secure"
  mkdir -m 700 "$dir/secure"
  (
    set -euo pipefail
    umask 077
    cd "$dir/secure"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj "/CN=Lenne test CA" -days 30 2>/dev/null
    certificate broker "subjectAltName=IP:127.0.0.1"
    cat broker.key >>broker.pem
    certificate lenne "extendedKeyUsage=clientAuth"
    mv lenne.pem client.pem
    mv lenne.key client.key
    openssl rand -hex 16 >password
    openssl genrsa -out issuer.key 2048 2>/dev/null
    printf '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"1","e":"AQAB","n":"%s"}]}' \
      "$(openssl rsa -in issuer.key -noout -modulus | sed 's/.*=//' | basenc --base16 -d | base64url)" >jwks.json
    touch .complete
  ) || fail "the keys could not be made in $dir/secure"
}

secure_users() { # arguments for kafka-storage format, one a line
  local user mechanism
  for user in lenne menden; do
    for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
      printf '%s\n' --add-scram "$mechanism=[name=$user,password=$(cat "$dir/secure/password")]"
    done
  done
}

secure_settings() { # first port of the node: settings that go after, and win over, the others
  local password
  password=$(cat "$dir/secure/password")
  cat <<END

listeners=CLIENTS://127.0.0.1:$1,CONTROLLER://127.0.0.1:$(($1 + 1)),SASL://127.0.0.1:$(($1 + 2)),MUTUAL://127.0.0.1:$(($1 + 3))
advertised.listeners=CLIENTS://127.0.0.1:$1,SASL://127.0.0.1:$(($1 + 2)),MUTUAL://127.0.0.1:$(($1 + 3))
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,MUTUAL:SSL
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
ssl.keystore.type=PEM
ssl.keystore.location=$dir/secure/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=$dir/secure/ca.pem
listener.name.mutual.ssl.client.auth=required
ssl.principal.mapping.rules=RULE:^CN=([^,]*).*\$/\$1/,DEFAULT
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER
listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_lenne="$password" user_menden="$password";
listener.name.sasl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.sasl.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
# Or brokers 4.1.0 and 4.1.1 believe any token, whoever signed it.
sasl.oauthbearer.jwt.validator.class=org.apache.kafka.common.security.oauthbearer.BrokerJwtValidator
sasl.oauthbearer.jwks.endpoint.url=file://$dir/secure/jwks.json
sasl.oauthbearer.expected.issuer=lenne-test
sasl.oauthbearer.expected.audience=kafka
# A token is asked for again before it ends; a connection that outlives its token is closed.
listener.name.sasl.connections.max.reauth.ms=3600000
END
}
