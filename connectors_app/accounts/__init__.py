"""Signing in and one's own account, on top of django-allauth: limits, two-factor, single sign-on."""
