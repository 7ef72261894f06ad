### What is wrong with a role. The command line says the same behind the setting, as "roles.editor.grants[1].on: …",
### so these are clauses without a capital letter and a full stop.

policy-no-action = there is no action “{ $action }” on these resources
# $verbs is a list of names.
policy-no-verb = “{ $verb }” is not a verb; use { $verbs }
policy-no-verb-near = “{ $verb }” is not a verb; did you mean “{ $near }”?
policy-no-resource = there is no resource “{ $resource }”
policy-no-resource-near = there is no resource “{ $resource }”; did you mean “{ $near }”?
policy-key-hidden = { $column } is part of the key of { $resource } and cannot be hidden
policy-rule = “{ $rule }” on { $resource }: { $reason }
policy-rule-everywhere = “{ $rule }” on { $resource }: { $reason } Name the resources this rule is for instead of “*”.
policy-no-column = there is no column “{ $column }” in { $resources }
policy-no-column-near = there is no column “{ $column }” in { $resources }; did you mean “{ $near }”?
policy-no-resources = choose at least one resource
policy-no-verbs = choose at least one verb
policy-taken =
    the configuration has a role of this name, and only that one counts; delete this one, or rename the other
policy-other-role = the role that it was made for does not count any more
policy-role-unreadable = its role cannot be read
policy-no-role = there is no role of this name any more
policy-group-empty = write the name of a group, as the identity provider sends it
policy-group-everyone = no role can be given to everyone; name the groups

## Demands

demand-nothing = demands nothing: write { $example } or both
demand-short = max_age must be at least { $seconds }s, or nobody could finish in time
demand-acr = acr must list values as the provider writes them, each without blanks
demand-view = to look demands no more than a session; session.absolute and session.idle say how long one lasts
demand-bulk = this grant gives nothing that is done in bulk: edit, delete or an action
demand-not-given = this grant does not give “{ $verb }”; add it to may, or write the demand where it is given
demand-no-manage = is nothing that can be managed: use roles or sessions (demands of verbs stand in the grants)
demand-not-managed = this role does not let anybody manage { $what }; add it to manage

## A change of roles that does not fit what is there

misfit-missing = There is no such role or group rule.
misfit-taken = There is a role of this name already. Choose another name.
misfit-twice = This group has the role already.

## Where something is wrong with a role that the panel keeps

fault-role = role { $role }: { $reason }
fault-grant = role { $role }, grant { $grant }, { $setting }: { $reason }
fault-rule = role { $role }, group rule { $rule }: { $reason }
kept-unreadable = its { $what } cannot be read: { $error }
