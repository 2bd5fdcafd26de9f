"""Words that say nothing about what a mail is about, in the languages that desks write most."""

ENGLISH = """
the a an and or of to in is it that this for on with as at be by i you we they he she not have has had
was were are do does did but if so what which there then than from my your our can could would will just
about any all some no yes me its it's i'm don't when how why who where also only more like get got use used
using one two now out up new see here very much too may might should into over after before because been
being them their his her him us am hello hi dear regards thanks thank please best kind
"""
GERMAN = """
der die das und oder von zu ist nicht für auf mit als an bei ich sie wir er es ein eine einen haben hat
hatte war waren sind aber wenn so was noch nur auch mehr sehr mir mich uns ihr ihre ihnen den dem des im am
um aus nach vor bitte danke hallo liebe grüße guten tag freundlichen
"""
OTHERS = """
el la los las un una y o de que en es no para por con como se su mi me lo al del más pero si hola gracias
saludos le les des du et ou est pas pour sur avec ce cette vous nous je il elle bonjour merci cordialement
gli di che non per sono ha ciao grazie saluti het een van is niet voor met dat ik wij u dank groeten
"""
COMMON = frozenset(f"{ENGLISH} {GERMAN} {OTHERS}".split())
