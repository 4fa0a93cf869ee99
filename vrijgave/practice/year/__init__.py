"""A made-up year of releases, of which everything is known beforehand."""

from vrijgave.practice.year.lives import Leg, Life
from vrijgave.practice.year.making import make_year
from vrijgave.practice.year.truth import truth

__all__ = ["Leg", "Life", "make_year", "truth"]
