"""Single sign-on with OpenID Connect: an organisation says who it is, and the registry lets in whom it knows already.

django-allauth walks the way (state, PKCE, the exchange of the code). Stricter than its default: an id_token must come,
its signature is checked with the provider's published keys, and what the provider says later is of the same person.
"""

import hashlib
import secrets
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from centre import audit
from centre.models import User

ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
_REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]


NONCE = "single_sign_on_nonce"


class Provider(OpenIDConnectOAuth2Adapter):
    """One organisation."""

    def get_provider(self) -> Any:
        """Return it as the session asks it: for an id_token that names this session's own nonce."""
        provider = super().get_provider()
        nonce = self.request.session.setdefault(NONCE, secrets.token_urlsafe(32))
        provider.app.settings = {**provider.app.settings, "auth_params": {"nonce": nonce}}
        return provider

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        """Return who signed in there. Nothing that the provider tells is kept but the id by which it knows them."""
        id_token = kwargs["response"].get("id_token")
        if not id_token:
            raise OAuth2Error("the provider sent no id_token")
        claims = self._decode_id_token(app, id_token)
        if not secrets.compare_digest(str(claims.get("nonce", "")), self.request.session.pop(NONCE, "")):
            raise OAuth2Error("the id_token answers another question")
        told = self._fetch_user_info(token.token) if self.openid_config.get("userinfo_endpoint") else {}
        if told.get("sub", claims["sub"]) != claims["sub"]:
            raise OAuth2Error("userinfo is of somebody else")
        login: SocialLogin = self.get_provider().sociallogin_from_response(
            request, {"userinfo": {**claims, **told}}
        )
        login.account.extra_data = {}
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        issuer = self.openid_config["issuer"]
        if issuer.rstrip("/") != app.settings["server_url"]:
            raise OAuth2Error(f"the provider calls itself {issuer}")
        try:
            algorithm, key = jwtkit.fetch_key(id_token, self.openid_config["jwks_uri"], jwtkit.lookup_kid_jwk)
            if algorithm not in ALGORITHMS:
                raise OAuth2Error(f"id_token signed with {algorithm}")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=key,
                algorithms=[algorithm],
                audience=app.client_id,
                issuer=issuer,
                leeway=30,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise OAuth2Error("the id_token does not hold") from error
        return claims


class People(DefaultSocialAccountAdapter):
    """Finds the person whom an organisation sends; nobody comes in who was not let in before."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Return False: people are invited."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let the person in, or say that the registry does not: in the same words, whatever the reason."""
        force = sociallogin.provider.app.settings["force"]
        person = sociallogin.user if sociallogin.is_existing else _known(sociallogin)
        why = _problem(person, force, sociallogin)
        if why or person is None:
            raise ImmediateHttpResponse(self._refused(request, sociallogin.provider.app.provider_id, why))
        if not sociallogin.is_existing:
            with transaction.atomic():
                sociallogin.connect(request, person)
                detail = {"provider": sociallogin.provider.app.provider_id}
                audit.record("single-sign-on.linked", subject=person, by=person, detail=detail)

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        """Say so on a page of ours, whatever went wrong."""
        error, exception = kwargs.get("error"), kwargs.get("exception")
        why = str(exception or getattr(error, "value", error) or "unknown")
        raise ImmediateHttpResponse(self._refused(request, provider.app.provider_id, why[:200]))

    @staticmethod
    def _refused(request: HttpRequest, provider_id: str, why: str) -> HttpResponse:
        subject = ("sign-in", hashlib.sha256(f"single sign-on\n{provider_id}".encode()).hexdigest())
        audit.record(
            "single-sign-on.refused", subject=subject, by=None, detail={"provider": provider_id, "why": why}
        )
        return render(request, "people/not_let_in.html", status=403)


def _known(sociallogin: SocialLogin) -> User | None:
    """Return the person with the address that the provider has verified."""
    addresses = [one.email for one in sociallogin.email_addresses if one.verified]
    return User.objects.filter(email__iexact=addresses[0]).first() if len(addresses) == 1 else None


def _problem(person: User | None, force: str, sociallogin: SocialLogin) -> str:
    if sociallogin.state.get("process") != "login":
        return "not a sign-in"
    if person is None:
        return "nobody with a verified address"
    if not person.is_active:
        return "suspended"
    forces = {held.force.slug for held in person.memberships_held() if held.force}
    if force and force not in forces:
        return "no post in the provider's force"
    if not sociallogin.is_existing and _is_anothers(person, force, forces):
        return "another provider speaks for them"
    return ""


def _is_anothers(person: User, force: str, forces: set[str]) -> bool:
    """Return whether another provider has let the person in, or is their force's own where this one is nobody's."""
    own = {one["force"] for one in settings.SINGLE_SIGN_ON} & forces
    return SocialAccount.objects.filter(user=person).exists() or bool(own and not force)
