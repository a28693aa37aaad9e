"""Pure. The profiles that a configuration names: defaults and own ones, checked."""

from argus.bars import Profile, Rule, interval_ns, profile
from argus.config.bars import OWN, BarsConfig, type_of_parameters
from argus.errors import ConfigError, ProfileError


def profiles_of(config: BarsConfig) -> tuple[Profile, ...]:
    """Return the profiles that are built, in the order in which they are named.

    Raises:
        ConfigError: a name is none of a default and none of an own profile, or an own profile
            cannot be built.
    """
    own = {name: own_profile(name, parameters) for name, parameters in config.own.items()}
    found = []
    for name in config.profiles:
        try:
            found.append(own.get(name) or profile(name))
        except ProfileError as error:
            known = f"; own profiles: {', '.join(own) or 'none'}"
            raise ConfigError(f"{error}{known}; at bars.profiles") from error
    return tuple(found)


def own_profile(name: str, parameters: type_of_parameters) -> Profile:
    """Return an own profile: a rule with its parameters, or a default with some replaced.

    Raises:
        ConfigError: it cannot be built.
    """
    given = dict(parameters)
    rule, mode = given.pop("rule", None), given.pop("mode", "afml")
    try:
        if rule is None:
            made = profile(name, **dict(parameters))
        else:
            made = Profile.of(name, str(rule), str(mode), **given)
    except ProfileError as error:
        raise ConfigError(f"{error}; at bars.{OWN}.{name}") from error
    if is_interval(name) and (made.rule is not Rule.TIME or made["interval"] != name):
        raise ConfigError(
            f"rule {made.rule} in profile {name}; expected rule time and interval {name}, as the "
            f"name says; at bars.{OWN}.{name}"
        )
    return made


def is_interval(name: str) -> bool:
    """Say whether a profile's name is an interval, such as 5m."""
    try:
        return interval_ns(name) > 0
    except ProfileError:
        return False
