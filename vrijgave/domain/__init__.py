"""The field's own things: releases, tracks, plans, permissions, publications and the stage clock. Pure."""
