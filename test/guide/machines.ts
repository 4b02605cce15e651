// machines.ts: what the pages of docs/guide/ take for granted on a machine, as shell commands.

/**
 * A certificate for example.com, of a CA that clients believe, where certbot puts it and where
 * Caddy keeps what it was given.
 */
export const CERTIFICATE = `
live=/etc/letsencrypt/live/example.com
mkdir -p "$live"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Test CA' \\
  -keyout "$stage/ca.key" -out "$stage/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=example.com' \\
  -keyout "$live/privkey.pem" -out "$stage/example.csr" 2>/dev/null
echo 'subjectAltName=DNS:example.com' >"$stage/names"
openssl x509 -req -in "$stage/example.csr" -CA "$stage/ca.pem" -CAkey "$stage/ca.key" -days 90 \\
  -set_serial 1 -extfile "$stage/names" -out "$live/fullchain.pem" 2>/dev/null
kept=$HOME/.local/share/caddy/certificates/acme-v02.api.letsencrypt.org-directory/example.com
mkdir -p "$kept"
cp "$live/fullchain.pem" "$kept/example.com.crt"
cp "$live/privkey.pem" "$kept/example.com.key"
echo '{"sans":["example.com"],"issuer_data":null}' >"$kept/example.com.json"
export CURL_CA_BUNDLE=$stage/ca.pem
echo '127.0.0.1 example.com' >>/etc/hosts
`;

const STARTS: Readonly<Record<string, string>> = {
  Caddy: 'caddy start --config /etc/caddy/Caddyfile >"$stage/caddy.log" 2>&1',
  nginx: 'rm -f /etc/nginx/sites-enabled/*\nnginx',
  HAProxy: 'mkdir -p /run/haproxy\nhaproxy -W -D -p /run/haproxy.pid -f /etc/haproxy/haproxy.cfg',
};

/** The proxy runs as after its package was installed. */
export function inFrontOf(proxy: string): string {
  return `${STARTS[proxy]}\n`;
}

/** A server by the name of web that its owner reaches by ssh, and the folder of the site there. */
export const SSHD = `
mkdir -m 700 "$HOME/.ssh"
ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id_ed25519"
cp "$HOME/.ssh/id_ed25519.pub" "$HOME/.ssh/authorized_keys"
ssh-keygen -q -t ed25519 -N '' -f "$stage/host_key"
sed -i "s|^root:\\(.*\\):[^:]*:\\([^:]*\\)$|root:\\1:$HOME:\\2|" /etc/passwd
printf 'Host *\\n  StrictHostKeyChecking accept-new\\n' >"$HOME/.ssh/config"
{
  printf '%s\\n' 'PermitRootLogin yes' 'StrictModes no' 'Subsystem sftp internal-sftp'
  echo "SetEnv PATH=$PATH"
} >"$stage/sshd_config"
"$(command -v sshd)" -f "$stage/sshd_config" -h "$stage/host_key"
echo '127.0.0.1 web' >>/etc/hosts
mkdir -p /srv/www
`;
