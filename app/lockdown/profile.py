"""The settings that every exam in Safe Exam Browser runs with; what differs between exams is given.

One profile for all: a choice that nobody is offered cannot be made wrongly. The names and values are those of the
program's own settings. The window fills the screen; the task bar stays, for it shows the time and the input method, and
without that nobody can write Chinese; what speaks a word, spells it, shares or prints the screen is off. Files can be
stored, never opened: the encrypted file of responses is the last way out when the network does not come back (P5).
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.lockdown.config_key import Value

_FILE_FOR_AN_EXAM = 0
_WHOLE_SCREEN = 1
_ALLOW = 1
_MODERN_ENGINE = 3
_NO_NEW_WINDOWS = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What differs: where the browser begins and ends, the salts (32 random bytes each) and the password to leave."""

    start_url: str
    quit_url: str
    exam_key_salt: bytes
    config_key_salt: bytes
    quit_password: str
    admin_password: str


def settings_of(terms: Terms) -> dict[str, Value]:
    """The settings of one exam, within what `app.lockdown.config_key.check_settings` allows."""
    host = urlsplit(terms.start_url).netloc
    return {
        "allowBrowsingBackForward": False,
        "allowDictation": False,
        "allowDictionaryLookup": False,
        "allowDownUploads": True,
        "allowDownloads": True,
        "allowPreferencesWindow": False,
        "allowPrint": False,
        "allowQuit": True,
        "allowScreenSharing": False,
        "allowSiri": False,
        "allowSpellCheck": False,
        "allowSwitchToApplications": False,
        "allowUploads": False,
        "allowUserSwitching": False,
        "allowVirtualMachine": False,
        "allowedDisplaysMaxNumber": 1,
        "browserViewMode": _WHOLE_SCREEN,
        "browserWindowAllowReload": True,
        "browserWindowWebView": _MODERN_ENGINE,
        "configKeySalt": terms.config_key_salt,
        "createNewDesktop": True,
        "downloadAndOpenSebConfig": False,
        "enablePrintScreen": False,
        "enablePrivateClipboard": True,
        "enableRightMouse": False,
        "enableZoomPage": True,
        "enableZoomText": True,
        "examKeySalt": terms.exam_key_salt,
        "examSessionClearCookiesOnStart": True,
        "examSessionReconfigureAllow": False,
        "hashedAdminPassword": _hashed(terms.admin_password),
        "hashedQuitPassword": _hashed(terms.quit_password),
        "killExplorerShell": False,
        "newBrowserWindowByLinkPolicy": _NO_NEW_WINDOWS,
        "newBrowserWindowByScriptPolicy": _NO_NEW_WINDOWS,
        "openDownloads": False,
        "quitURL": terms.quit_url,
        "quitURLConfirm": False,
        "removeBrowserProfile": True,
        "sebConfigPurpose": _FILE_FOR_AN_EXAM,
        "sendBrowserExamKey": True,
        "showInputLanguage": True,
        "showReloadButton": True,
        "showReloadWarning": True,
        "showTaskBar": True,
        "showTime": True,
        "startURL": terms.start_url,
        "URLFilterEnable": True,
        "URLFilterRules": [{"action": _ALLOW, "active": True, "expression": f"{host}/*", "regex": False}],
    }


def _hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
