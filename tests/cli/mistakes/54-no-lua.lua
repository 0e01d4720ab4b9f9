# a policy in YAML
rules:
  - id: r
