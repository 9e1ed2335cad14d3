/** The file that `understudy up` writes where there is none: two sites on this machine. */
export function defaultTopologyText(): string {
  return text;
}

const text = `# Topology of this deployment: two sites on one machine, each the other's backup.
# Every setting is explained in docs/operating/topology-file.md; docs/topology.schema.json is
# the JSON Schema of this file, for editors.

name: understudy
domains: [example.test]

# A site is a datacenter. Here both are this machine; move one by giving its server an address.
sites:
  - name: east
  - name: west

# One agent runs on each server. Ports that are left out are asked from the system once and kept
# beside the data.
servers:
  - name: east-1
    site: east
    address: 127.0.0.1
  - name: west-1
    site: west
    address: 127.0.0.1

# A store is one PostgreSQL instance. Without \`url\` it is embedded: started and kept here.
stores:
  - name: east-store
    server: east-1
  - name: west-store
    server: west-1

# Two pools that are each other's backup. \`users\` call the pool home; \`userCapacity\` is how many
# its servers can serve, the partner's users too.
pools:
  - name: east
    servers: [east-1]
    users: 100000
    userCapacity: 200000
    routingGroups: 8 # Fixed at birth.
    backupPool: west
  - name: west
    servers: [west-1]
    users: 100000
    userCapacity: 200000
    routingGroups: 8
    backupPool: east

# The users of each pool: mounted at home, with a copy that follows on the other side.
# lossLimit is what a forced failover may lose without asking: lossless, good, best,
# or { maxAgeMs: 30000 }.
datasets:
  - name: users-east
    pool: east
    lossLimit: good
    copies:
      - { store: east-store, preference: 1 }
      - { store: west-store, preference: 2 }
  - name: users-west
    pool: west
    lossLimit: good
    copies:
      - { store: west-store, preference: 1 }
      - { store: east-store, preference: 2 }

# Voters say which store may have a dataset mounted: the store of each server, and a witness.
# \`{}\` embeds it here; where the sites are two machines, give it a third: \`{ url: … }\`. Without
# \`votes\` an operator's word takes their place.
votes:
  witness: {}

# Defaults and bounds are in docs/operating/limits.md; a line here changes one.
# limits:
#   leaseMs: 6000
`;
