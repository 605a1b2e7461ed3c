"""The published vector of the Config Key: default settings of the program for macOS 2.1.4 with its own start address,
by value, and the key that its developers' tools and Moodle's tests give for them."""

from base64 import b64decode
from typing import Any

KEY = "4fa9af8ec8759eb7c680752ef4ee5eaf1a860628608fccae2715d519849f9292"

_FALSE = """URLFilterEnable URLFilterEnableContentFilter allowBrowsingBackForward allowDictation
allowDictionaryLookup allowDisplayMirroring allowDownUploads allowFlashFullscreen allowPDFPlugIn allowScreenSharing
allowSiri allowSpellCheck allowSwitchToApplications allowUserAppFolderInstall allowVideoCapture allowVirtualMachine
allowWlan blockPopUpWindows browserMediaAutoplay browserScreenKeyboard configFileCreateIdentity
configFileEncryptUsingIdentity downloadPDFFiles enableAltEsc enableAltF4 enableAltMouseWheel
enableBrowserWindowToolbar enableCtrlEsc enableDrawingEditor enableJava enablePrintScreen enableStartMenu
enableTouchExit examSessionReconfigureAllow hideBrowserWindowToolbar ignoreQuitPassword
insideSebEnableChangeAPassword insideSebEnableEaseOfAccess insideSebEnableLockThisComputer insideSebEnableLogOff
insideSebEnableNetworkConnectionSelector insideSebEnableShutDown insideSebEnableStartTaskManager
insideSebEnableSwitchUser insideSebEnableVmWareClientShade killExplorerShell logSendingRequiresAdminPassword
mobileAllowPictureInPictureMediaPlayback mobileAllowQRCodeConfig mobileAllowSingleAppMode
mobileCompactAllowInlineMediaPlayback mobileEnableGuidedAccessLinkTransform mobileShowSettings
mobileSupportedScreenOrientationsCompactPortraitUpsideDown newBrowserWindowByLinkBlockForeign
newBrowserWindowByScriptBlockForeign newBrowserWindowShowReloadWarning openDownloads pinEmbeddedCertificates
quitURLRestart removeBrowserProfile removeLocalStorage restartExamUseStartURL sebServerFallback showInputLanguage
showNavigationButtons showReloadWarning showScanQRCodeButton startURLAllowDeepLink startURLAppendQueryParameter
touchOptimized urlFilterTrustedContent"""
_TRUE = """allowPreferencesWindow allowQuit allowUserSwitching allowedDisplayBuiltin browserURLSalt
browserWindowAllowReload createNewDesktop detectStoppedProcess downloadAndOpenSebConfig enableAltTab
enableAppSwitcherCheck enableEsc enableF1 enableF10 enableF11 enableF12 enableF2 enableF3 enableF4 enableF5 enableF6
enableF7 enableF8 enableF9 enableJavaScript enableLogging enablePlugIns enablePrivateClipboard enableRightMouse
enableSebBrowser enableZoomPage enableZoomText examSessionClearSessionCookies forceAppFolderInstall hookKeys
ignoreExitKeys mobileAllowInlineMediaPlayback mobileEnableASAM mobilePreventAutoLock
mobileSupportedFormFactorsCompact mobileSupportedFormFactorsNonTelephonyCompact mobileSupportedFormFactorsRegular
mobileSupportedScreenOrientationsCompactLandscapeLeft mobileSupportedScreenOrientationsCompactLandscapeRight
mobileSupportedScreenOrientationsCompactPortrait mobileSupportedScreenOrientationsRegularLandscapeLeft
mobileSupportedScreenOrientationsRegularLandscapeRight mobileSupportedScreenOrientationsRegularPortrait
mobileSupportedScreenOrientationsRegularPortraitUpsideDown monitorProcesses newBrowserWindowAllowReload
newBrowserWindowNavigation quitURLConfirm restartExamPasswordProtected sendBrowserExamKey showBackToStartButton
showMenuBar showQuitButton showReloadButton showTaskBar showTime urlFilterRegex"""
_EMPTY = """blacklistURLFilter browserUserAgent browserUserAgentMacCustom browserUserAgentWinDesktopModeCustom
browserUserAgentWinTouchModeCustom browserUserAgentiOSCustom examSessionReconfigureConfigURL hashedAdminPassword
hashedQuitPassword logDirectoryOSX logDirectoryWin quitURL restartExamText restartExamURL sebServerURL
whitelistURLFilter"""
_NO_ITEMS = """URLFilterIgnoreList URLFilterRules additionalResources embeddedCertificates permittedProcesses
prohibitedProcesses"""
_NUMBERS = {
    0: """URLFilterMessage allowiOSBetaVersionNumber browserUserAgentMac browserUserAgentWinDesktopMode
    browserUserAgentWinTouchMode browserUserAgentiOS browserViewMode browserWindowShowURL chooseFileToUploadPolicy
    proxySettingsPolicy sebConfigPurpose sebMode zoomMode""",
    1: """allowedDisplaysMaxNumber mainBrowserWindowPositioning mobileStatusBarAppearance
    mobileStatusBarAppearanceExtended newBrowserWindowByLinkPolicy""",
    2: """exitKey1 newBrowserWindowByLinkPositioning newBrowserWindowByScriptPolicy newBrowserWindowShowURL oskBehavior
    sebServicePolicy""",
    3: "allowiOSVersionNumberMinor",
    4: "logLevel minMacOSVersion",
    5: "allowiOSVersionNumberPatch exitKey3",
    9: "allowiOSVersionNumberMajor",
    10: "exitKey2",
    40: "taskBarHeight",
    120000: "browserMessagingPingTime",
}
_PROXY_OFF = """AutoConfigurationEnabled AutoDiscoveryEnabled ExcludeSimpleHostnames FTPEnable FTPRequiresPassword
HTTPEnable HTTPRequiresPassword HTTPSEnable HTTPSRequiresPassword RTSPEnable RTSPRequiresPassword SOCKSEnable
SOCKSRequiresPassword"""
_PROXY_EMPTY = """AutoConfigurationJavaScript AutoConfigurationURL FTPPassword FTPProxy FTPUsername HTTPPassword
HTTPProxy HTTPSPassword HTTPSProxy HTTPSUsername HTTPUsername RTSPPassword RTSPProxy RTSPUsername SOCKSPassword
SOCKSProxy SOCKSUsername"""
_PROXY_PORTS = {"FTP": 21, "HTTP": 80, "HTTPS": 443, "RTSP": 554, "SOCKS": 1080}
_AGENT = (
    "Mozilla/5.0 (iPad; CPU OS 11_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/11.0 Mobile/15E148 Safari/604.1"
)


def settings() -> dict[str, Any]:
    """The settings of the vector, as its property list gives them."""
    proxies: dict[str, Any] = dict.fromkeys(_PROXY_OFF.split(), False) | dict.fromkeys(_PROXY_EMPTY.split(), "")
    proxies |= {f"{kind}Port": port for kind, port in _PROXY_PORTS.items()} | {"FTPPassive": True, "ExceptionsList": []}
    return {
        **dict.fromkeys(_FALSE.split(), False),
        **dict.fromkeys(_TRUE.split(), True),
        **dict.fromkeys(_EMPTY.split(), ""),
        **{name: [] for name in _NO_ITEMS.split()},
        **{name: number for number, names in _NUMBERS.items() for name in names.split()},
        "browserMessagingSocket": "ws:\\localhost:8706",
        "browserUserAgentWinTouchModeIPad": _AGENT,
        "configKeySalt": b"",
        "downloadDirectoryOSX": ":Users:andrewmadden:Downloads".replace(":", "/"),
        "downloadDirectoryWin": "Downloads",
        "examKeySalt": b64decode("4iLONVAc1yKWLxbe6Vbf2vWYQO6zIRAobKgc3f25LH8="),
        "mainBrowserWindowHeight": "100%",
        "mainBrowserWindowWidth": "100%",
        "newBrowserWindowByLinkHeight": "100%",
        "newBrowserWindowByLinkWidth": "1000",
        "originatorVersion": "SEB_OSX_2.1.4_2B66",
        "proxies": {f"org_safeexambrowser_SEB_{name}": value for name, value in proxies.items()},
        "startURL": "https://www.google.com",
    }
