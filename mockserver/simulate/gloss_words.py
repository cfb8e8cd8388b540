"""Gloss words: everyday English words with their German, Spanish, French, Portuguese and Italian ones; data only."""

LANGUAGE_ORDER = ("de", "es", "fr", "pt", "it")

FUNCTION_WORDS = """
the | der die das den dem des | el la los las lo | le la les | o a os as | il lo la i gli le
a | ein eine einen einem einer eines | un una | un une | um uma | un uno una
my | mein meine meinen meinem meiner meines | mi mis | mon ma mes | meu minha meus minhas | mio mia miei mie
our | unser unsere unseren unserem unserer | nuestro nuestra nuestros nuestras | notre nos | nosso nossa | \
nostro nostra
your | dein deine deinen ihr ihre ihren | tu tus su sus | ton ta tes votre vos | seu sua seus suas | tuo tua suo sua
this | dieser diese dieses diesen diesem | este esta esto ese esa | ce cet cette ces | este esta isto esse | \
questo questa
I | ich | yo | je | eu | io
me | mir mich | me | moi me | mim me | mi me
we | wir uns | nosotros nos | nous on | nós nos | noi ci
you | du sie dir dich ihnen | usted ustedes te | tu vous te | você te | tu lei ti
it | es | ello | il elle | ele ela | esso
there is | gibt | hay | | há | c'è
is | ist | es está | est | é está | è
are | sind | son están hay | sont | são estão | sono
was | war | fue era | était | foi era | era fu
has | hat | tiene ha | a | tem | ha
have | habe haben | tengo tenemos tienen he | ai avons ont | tenho temos têm | ho abbiamo hanno
do | tun | hace | fait | faz | fa
what | was | qué que | que quoi quel quelle quels quelles | que quê qual quais | che cosa quale quali cosa
which | welche welcher welches welchen welchem | cuál cuáles | lequel laquelle | qual quais | quale quali
who | wer wen wem | quién quiénes | qui | quem | chi
where | wo wohin woher | dónde adónde | où | onde aonde | dove
when | wann | cuándo cuando | quand | quando | quando
how | wie | cómo como | comment | como | come
why | warum wieso | porqué | pourquoi | porquê | perché
how many | wieviele | cuántos cuántas | combien | quantos quantas | quanti quante
how much | wieviel | cuánto cuánta | | quanto quanta | quanto quanta
and | und | y e | et | e | e ed
or | oder | o u | ou | ou | o oppure
but | aber | pero | mais | mas | ma
in | in | en | en dans | em no na nos nas num numa | in nel nella nello nei nelle
in the | im ins | | au aux | |
on | am auf | | sur | | sul sulla sui
on the | | | | |
at | um bei beim | | chez | às | alle
to | nach zu zum zur an ans | a al hacia | à vers jusqu'à | para ao à a | a al alla ai allo
from | von vom ab aus | desde | depuis | desde | da dal dalla dai
of | | de del | de du des | de do da dos das | di del della dei delle dello
for | für | para por | pour | por pelo pela | per
with | mit | con | avec | com | con
about | über zum thema | sobre acerca | sujet propos | sobre | su riguardo
between | zwischen | entre | entre | entre | tra fra
until | bis | hasta | jusque | até | fino
before | vor bevor | antes | avant | antes | prima
after | nach nachdem | después tras | après | depois | dopo
than | als | que | que | que | che
that | dass daß | que | que | que | che
not | nicht | no | pas | não | non
if | wenn falls | si | si | se | se
please | bitte | por favor | s'il plaît | por favor favor | favore
also | auch | también | aussi | também | anche
now | jetzt gerade | ahora | maintenant | agora | adesso ora
"""

CONTENT_WORDS = """
today | heute | hoy | aujourd'hui | hoje | oggi
tomorrow | morgen | mañana | demain | amanhã | domani
yesterday | gestern | ayer | hier | ontem | ieri
next | nächste nächsten nächster nächstes kommenden kommende | próximo próxima siguiente | prochain prochaine | \
próximo próxima seguinte | prossimo prossima
last | letzte letzten letzter letztes | último última pasado pasada | dernier dernière | último última passado | \
ultimo ultima scorso
Monday | montag | lunes | lundi | segunda segunda-feira | lunedì
Tuesday | dienstag | martes | mardi | terça terça-feira | martedì
Wednesday | mittwoch | miércoles | mercredi | quarta-feira | mercoledì
Thursday | donnerstag | jueves | jeudi | quinta-feira | giovedì
Friday | freitag | viernes | vendredi | sexta sexta-feira | venerdì
Saturday | samstag sonnabend | sábado | samedi | sábado | sabato
Sunday | sonntag | domingo | dimanche | domingo | domenica
January | januar jänner | enero | janvier | janeiro | gennaio
February | februar | febrero | février | fevereiro | febbraio
March | märz | marzo | mars | março | marzo
April | april | abril | avril | abril | aprile
May | mai | mayo | mai | maio | maggio
June | juni | junio | juin | junho | giugno
July | juli | julio | juillet | julho | luglio
August | august | agosto | août | agosto | agosto
September | september | septiembre | septembre | setembro | settembre
October | oktober | octubre | octobre | outubro | ottobre
November | november | noviembre | novembre | novembro | novembre
December | dezember | diciembre | décembre | dezembro | dicembre
two | zwei | dos | deux | dois duas | due
three | drei | tres | trois | três | tre
four | vier | cuatro | quatre | quatro | quattro
five | fünf | cinco | cinq | cinco | cinque
six | sechs | seis | six | seis | sei
seven | sieben | siete | sept | sete | sette
eight | acht | ocho | huit | oito | otto
nine | neun | nueve | neuf | nove | nove
ten | zehn | diez | dix | dez | dieci
twelve | zwölf | doce | douze | doze | dodici
minutes | minuten minute | minutos minuto | minutes minute | minutos minuto | minuti minuto
hours | stunden stunde | horas hora | heures heure | horas hora | ore ora
seconds | sekunden | segundos | secondes | segundos | secondi
days | tage tagen | días | jours | dias | giorni
day | tag | día | jour | dia | giorno
weeks | wochen | semanas | semaines | semanas | settimane
week | woche | semana | semaine | semana | settimana
months | monate monaten | meses | | meses | mesi
month | monat | mes | mois | mês | mese
years | jahre jahren | años | ans années | anos | anni
year | jahr | año | an année | ano | anno
nights | nächte nächten | noches | nuits | noites | notti
night | nacht | noche | nuit | noite | notte
morning | vormittag | | matin | manhã | mattina
degrees | grad | grados | degrés | graus | gradi
euros | euro | euros | euros | euros | euro
dollars | dollar us-dollar | dólares dólar | dollars | dólares dólar | dollari dollaro
pounds | pfund | libras | livres | libras | sterline
francs | franken | francos | francs | francos | franchi
yen | yen | yenes | yens | ienes | yen
percent | prozent | | | |
kilometers | kilometer | kilómetros | kilomètres | quilómetros quilômetros | chilometri
people | personen leute menschen | personas gente | personnes gens | pessoas | persone
inhabitants | einwohner | habitantes | habitants | habitantes | abitanti
live | wohnen leben | viven vive | vivent habitent | vivem moram | vivono abitano
weather | wetter | tiempo clima | temps météo | tempo clima | tempo meteo
temperature | temperatur | temperatura | température | temperatura | temperatura
rain | regen | lluvia | pluie | chuva | pioggia
raining | regnet | llueve lloviendo lloverá | pleut pleuvoir pleuvra | chove chover chovendo | piove pioverà
snow | schnee schneit | nieve nieva | neige | neve neva | neve nevica
cold | kalt kälter | frío | froid | frio | freddo
warm | warm wärmer | calor cálido | chaud | quente calor | caldo
distance | entfernung distanz | distancia dista | distance | distância dista | distanza dista
far | weit entfernt | lejos | loin | longe | lontano
time | uhrzeit zeit | | heure | |
population | bevölkerung einwohnerzahl | población | population | população | popolazione
city | stadt | ciudad | ville | cidade | città
country | land | país | pays | país | paese
capital | hauptstadt | capital | capitale | capital | capitale
currency | währung | moneda divisa | devise monnaie | moeda | valuta
rate | kurs wechselkurs | tasa tipo cambio | taux cours | taxa câmbio | tasso cambio
price | preis | precio | prix | preço | prezzo
cost | kostet kosten | cuesta cuestan | coûte coûtent | custa custam | costa costano
stock | aktie aktien aktienkurs | acción acciones bolsa | action actions bourse | ação ações | azione azioni
flight | flug flüge | vuelo vuelos | vol vols | voo voos | volo voli
fly | fliegen | volar | voler | voar | volare
train | zug züge bahn | tren trenes | train trains | trem comboio | treno treni
hotel | hotel hotels | hotel hoteles | hôtel hôtels | hotel hotéis | hotel alberghi albergo
room | zimmer raum | habitación sala cuarto | chambre salle | quarto sala | camera stanza
restaurant | restaurant restaurants | restaurante restaurantes | restaurant restaurants | \
restaurante restaurantes | ristorante ristoranti
table | tisch | mesa | table | mesa | tavolo
light | licht lampe | luz luces | lumière lampe | luz | luce luci
lights | lichter lampen | | lumières lampes | luzes |
kitchen | küche | cocina | cuisine | cozinha | cucina
bedroom | schlafzimmer | dormitorio | | |
living room | wohnzimmer | salón | salon | | soggiorno
bathroom | badezimmer bad | baño | | banheiro | bagno
office | büro | oficina despacho | bureau | escritório | ufficio
garden | garten | jardín | jardin | jardim | giardino
door | tür | puerta | porte | porta | porta
heating | heizung | calefacción | chauffage | aquecimento | riscaldamento
music | musik | música | musique | música | musica
song | lied | canción | chanson | canção música | canzone
email | e-mail mail | correo e-mail | courriel e-mail mail | e-mail | e-mail mail posta
message | nachricht | mensaje | message | mensagem | messaggio
subject | betreff | asunto | objet sujet | assunto | oggetto
text | text | texto | texte | texto | testo
meeting | besprechung treffen termin meeting | reunión cita | réunion rendez-vous | reunião | riunione appuntamento
calendar | kalender | calendario agenda | calendrier agenda | calendário agenda | calendario agenda
event | veranstaltung ereignis | evento | événement | evento | evento
reminder | erinnerung | recordatorio | rappel | lembrete | promemoria
task | aufgabe | tarea | tâche | tarefa | compito attività
list | liste | lista | liste | lista | lista
note | notiz | nota | note | nota | nota
timer | timer wecker | temporizador | minuteur | temporizador | timer
alarm | alarm | alarma | alarme réveil | alarme | sveglia
invoice | rechnung | factura | facture | fatura | fattura
invoices | rechnungen | facturas | factures | faturas | fatture
order | bestellung auftrag | pedido | commande | pedido encomenda | ordine
orders | bestellungen | pedidos | commandes | pedidos | ordini
parcel | paket sendung | paquete envío | colis | pacote encomenda | pacco
ticket | ticket | ticket | ticket | ticket bilhete | ticket biglietto
tickets | tickets | tickets entradas | tickets billets | bilhetes | biglietti
customer | kunde kunden | cliente clientes | client clients | cliente clientes | cliente clienti
user | benutzer nutzer | usuario | utilisateur | utilizador usuário | utente
account | konto | cuenta | compte | conta | conto
balance | kontostand saldo | saldo | solde | saldo | saldo
savings | sparkonto ersparnisse | ahorros | épargne | poupança | risparmio risparmi
money | geld | dinero | argent | dinheiro | denaro soldi
reference | verwendungszweck referenz | concepto referencia | référence motif | referência | causale riferimento
amount | betrag | importe cantidad | montant | valor montante | importo
number | nummer | número | numéro | número | numero
file | datei | archivo fichero | fichier | arquivo ficheiro | file
files | dateien | archivos | fichiers | arquivos ficheiros |
folder | ordner verzeichnis | carpeta | dossier | pasta | cartella
news | nachrichten neuigkeiten | noticias | nouvelles actualités | notícias | notizie
recipe | rezept | receta | recette | receita | ricetta
recipes | rezepte rezepten | recetas | recettes | receitas | ricette
job | stellen stellenangebote jobs | empleo trabajo | emploi | emprego | lavoro
book | buch | libro | livre | livro | libro
books | bücher | libros | livres | livros | libri
movie | film | película | film | filme | film
name | name namen | nombre | nom | nome | nome
address | adresse | dirección | adresse | endereço | indirizzo
phone | telefon | teléfono | téléphone | telefone | telefono
open | offen offene offenen | abierto abierta abiertos | ouvert ouverte ouverts | aberto aberta abertos | \
aperto aperta aperti
show | zeige zeig anzeigen | muestra muéstrame enseña enséñame | montre montrez affiche | mostra mostre mostre-me | \
mostra mostrami
tell | sage sag sagen | dime dígame | dis dites | diga diga-me | dimmi
give | gib gebe | dame deme | donne donnez | dê dá-me | dammi
find | finde such | encuentra busca buscar encontrar | trouve trouvez | encontra encontre procure | trova trovami
search | suche suchen | busque búsqueda | cherche cherchez recherche | procura pesquise pesquisa busque | \
cerca cercami
need | brauche benötige | necesito | | preciso | bisogno
want | möchte will | quiero quisiera | veux voudrais | quero queria gostaria | voglio vorrei
send | sende schicke schick senden | envía envíe enviar manda | envoie envoyez envoyer | envie envia enviar manda | \
invia inviare manda spedisci
write | schreibe schreib schreiben | escribe escriba | écris écrivez | escreve escreva | scrivi
reserve | reserviere reservieren | reserva reservar | réserve réservez réserver | reserve reserva | \
prenota prenotare riserva
book | buche buchen | | | |
transfer | überweise überweisen überweis | transfiere transfiera transferir | \
vire virez virement transfère transférez | transfere transfira transferir | trasferisci bonifica
pay | zahle bezahle bezahlen | paga pague pagar | paie payez payer | paga pague | paga pagare
create | erstelle erstellen anlegen | crea cree crear | crée créez créer | cria crie criar | crea creare
add | ergänze hinzufügen | añade añadir agrega | ajoute ajoutez ajouter | adiciona adicione | aggiungi aggiungere
set | stelle stell setze | pon ponga | mets mettez règle réglez | põe define defina | imposta metti
start | starte starten | inicia empieza | démarre lance | inicia inicie | avvia
turn on | einschalten anschalten | enciende encienda | allume allumez | liga acende ligue | accendi
turn off | ausschalten abschalten | apaga apague | éteins éteignez | desliga apague desligue | spegni
switch | schalte schalt | | | |
delete | lösche löschen | borra borrar elimina eliminar | supprime supprimez efface | apague exclua elimina | \
cancella elimina
cancel | storniere kündige stornieren kündigen | cancela cancelar anula | annule annulez annuler | \
cancela cancele cancelar | annulla disdici
remind | erinnere erinner | recuérdame recuerda | rappelle rappelle-moi | lembra lembre lembre-me | ricordami ricorda
translate | übersetze übersetzen | traduce traducir | traduis traduisez traduire | traduz traduza | traduci
convert | konvertiere rechne umrechnen | convierte convertir | convertis convertir | converte converta | converti
calculate | berechne berechnen | calcula calcular | calcule calculer | calcula calcule | calcola
play | spiele spiel | reproduce | joue | toca toque | riproduci suona
read | lies lesen | lee leer | lis lisez | leia lê | leggi
compare | vergleiche vergleichen | compara comparar | compare comparez | compara compare | confronta
called | namens genannt | llamado llamada | appelé appelée intitulé nommé | chamado chamada | \
chiamato chiamata intitolato
tonight | heute-abend | | | |
plus | plus | más | plus | mais | più
minus | minus | menos | moins | menos | meno
times | mal | | fois | vezes | volte
divided by | geteilt | | divisé | | diviso
cheap | günstig günstige günstigen billig | barato barata baratos | pas-cher | barato baratos | economico economici
"""

PHRASES = """
de: suche nach = search for; such nach = search for; wie viele = how many; wie viel = how much; wie weit = how far; \
wie spät ist es = what time is it; wie warm = how warm; wie kalt = how cold; gibt es = is there; \
ich möchte = I want; ich hätte gern = I want; ich brauche = I need; heute abend = tonight; bei der = at the; \
füge hinzu = add; schalte ein = turn on; rechne um = convert; geteilt durch = divided by; könntest du = could you; \
kannst du = can you; können sie = can you; könnten sie = could you; mit dem text = with the text; \
mit dem betreff = with the subject; trage ein = add; zum thema = about; steht der = is the; steht die = is the; \
worum geht es in = what is about
es: a qué distancia está = how far is; qué distancia hay = how far is; qué tiempo hace = what is the weather; \
qué hora es = what time is it; cuántos habitantes tiene = how many inhabitants has; cuánto cuesta = how much is; \
por favor = please; me gustaría = I want; me puedes = can you; puedes = can you; podrías = could you; \
puede = can you; pasado mañana = the day after tomorrow; a las = at; al día = a day; de la tarde = pm; \
de la mañana = am; de la noche = pm; dividido por = divided by; dividido entre = divided by; \
multiplicado por = times; por ciento = percent; a nombre de = for; acerca de = about; que diga = saying; \
con el texto = with the text; con el asunto = with the subject
fr: combien de = how many; combien d' = how many; y a-t-il = is there; est-ce que = ; qu'est-ce que = what; \
quel temps fait-il = what is the weather; quelle heure est-il = what time is it; fait-il = is it; \
à quelle distance = how far; s'il te plaît = please; s'il vous plaît = please; je voudrais = I want; \
j'aimerais = I want; j'ai besoin = I need; peux-tu = can you; pouvez-vous = can you; pourriez-vous = could you; \
pourrais-tu = could you; après-demain = the day after tomorrow; il y a = there is; ce soir = tonight; \
divisé par = divided by; multiplié par = times; pour cent = percent; au sujet de = about; à propos de = about; \
au nom de = for; avec le texte = with the text; avec l'objet = with the subject; pas cher = cheap
pt: por favor = please; quantas pessoas = how many people; que horas são = what time is it; \
como está o tempo = what is the weather; a que distância fica = how far is; qual a distância = how far is; \
gostaria de = want to; você pode = can you; pode me = can you; depois de amanhã = the day after tomorrow; às = at; \
dividido por = divided by; multiplicado por = times; por cento = percent; quanto custa = how much is; \
fim de semana = weekend; sala de estar = living room
it: per favore = please; che tempo fa = what is the weather; che ore sono = what time is it; \
che ora è = what time is it; quanto dista = how far is; quanto costa = how much is; \
quanti abitanti = how many inhabitants; vorrei = I want; puoi = can you; potresti = could you; può = can you; \
dopo domani = the day after tomorrow; diviso per = divided by; moltiplicato per = times; per cento = percent; \
quanto è lontano = how far is; quanto è lontana = how far is; di oggi = today; a nome di = for; a nome = for
"""
